public import JSON
public import SobreModel

/// The templates and the policy in force, as intake needs them. The assembly provides it. Intake asks for every
/// message, so a reloaded template takes effect at once.
public protocol IntakeCatalogue: Sendable {
    /// The defaults of a template's manifest; nil if there is no such template.
    func template(_ name: String) -> TemplateDefaults?

    /// All template names, to suggest the closest one.
    var templateNames: [String] { get }

    /// The categories of the policy. If empty, any name is valid.
    var categories: [String] { get }

    /// What is wrong with a message's data for a template: a required variable is missing, or one has another type.
    ///
    /// - Parameters:
    ///   - data: the data; nil for a message without.
    ///   - template: the template's name.
    /// - Returns: the problem; nil if there is none, or if the template cannot be read at the moment.
    func problem(inData data: JSONRef?, of template: String) -> IntakeProblem?

    /// The topics of the policy and of the templates.
    var topics: [String] { get }

    /// Names that only consents have: that of the consent to tracking.
    var consentNames: [String] { get }

    /// The names of the policy's caps; nil if any name is valid.
    var capNames: [String]? { get }

    /// Whether messages of a category obey caps, and whether they count toward caps.
    func capFlags(of category: String) -> (obeys: Bool, counts: Bool)

    /// The priority of a category's messages for which neither the request nor the template sets one.
    func priority(of category: String) -> Priority
}

extension IntakeCatalogue {
    /// Any data is valid.
    public func problem(inData data: JSONRef?, of template: String) -> IntakeProblem? { nil }
    /// Without topics, only categories are valid.
    public var topics: [String] { [] }
    /// Without such names, consents are about categories and topics.
    public var consentNames: [String] { [] }
    /// Any name is valid.
    public var capNames: [String]? { nil }
    /// All categories are alike.
    public func priority(of category: String) -> Priority { .normal }
}

/// The defaults in a template's manifest for messages that do not set a value.
public struct TemplateDefaults: Sendable, Hashable {
    /// The channels for which the template has content, in order of preference.
    public var channels: [Channel]
    /// The category. Without one in the manifest it is `marketing`, the most restricted.
    public var category: String
    /// The campaign of the template's messages; nil if none.
    public var campaign: String?
    /// The topic for consent; nil if none.
    public var topic: String?
    /// Tags of every message of the template.
    public var tags: [String]
    /// How the channels are used.
    public var route: ChannelRoute
    /// How `route: escalate` proceeds.
    public var escalation: Escalation
    /// The priority; nil for the category's.
    public var priority: Priority?

    public init(
        channels: [Channel], category: String = "marketing", campaign: String? = nil, topic: String? = nil,
        tags: [String] = [], route: ChannelRoute = .first, priority: Priority? = nil,
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
