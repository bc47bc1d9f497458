public import SobreModel

/// What intake must know of the templates and the policy in force. Given by the assembly; asked for each batch, so that
/// a reloaded template is known at once.
public protocol IntakeCatalogue: Sendable {
    /// The defaults of a template's manifest; nil when there is no such template.
    func template(_ name: String) -> TemplateDefaults?

    /// All template names, to suggest the closest.
    var templateNames: [String] { get }

    /// The categories that the policy knows; empty means that any name will do.
    var categories: [String] { get }

    /// Whether caps restrain messages of a category, and whether these fill caps.
    func capFlags(of category: String) -> (obeys: Bool, counts: Bool)
}

/// What a template's manifest says for messages that do not say it themselves.
public struct TemplateDefaults: Sendable, Hashable {
    /// The channels for which the template has words, in the manifest's order of preference.
    public var channels: [Channel]
    /// The category; `marketing` where the manifest has none, the one that is restrained most.
    public var category: String
    /// The campaign under which the template's messages are counted; nil: none.
    public var campaign: String?
    /// The topic for consent; nil: none.
    public var topic: String?
    /// Tags that every message of the template has.
    public var tags: [String]
    /// How the channels are used.
    public var route: ChannelRoute
    /// How `route: escalate` goes on.
    public var escalation: Escalation
    /// The priority.
    public var priority: Priority

    /// Makes defaults from a manifest's parts.
    public init(
        channels: [Channel], category: String = "marketing", campaign: String? = nil, topic: String? = nil,
        tags: [String] = [], route: ChannelRoute = .first, priority: Priority = .normal,
        escalation: Escalation = .standard
    ) {
        self.channels = channels
        self.category = category
        self.campaign = campaign
        self.topic = topic
        self.tags = tags
        self.route = route
        self.priority = priority
        self.escalation = escalation
    }
}
