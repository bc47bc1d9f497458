/// Which deliveries an operator means, for example those of one campaign on one channel.
///
/// A delivery matches when it has every value that is set. A filter without values matches all deliveries.
public struct DeliveryFilter: Hashable, Sendable, CustomStringConvertible {
    /// What a filter can ask for. The raw values are the names in the API, and those of the command line's options.
    public enum Part: String, CaseIterable, Sendable {
        case campaign, category, channel, journey, provider, template, tenant
    }

    public var campaign: String?
    /// The case of ASCII letters does not matter.
    public var category: String?
    public var channel: Channel?
    public var journey: String?
    public var provider: String?
    public var template: String?
    public var tenant: String?

    public init(
        campaign: String? = nil, category: String? = nil, channel: Channel? = nil, journey: String? = nil,
        provider: String? = nil, template: String? = nil, tenant: String? = nil
    ) {
        self.campaign = campaign
        self.category = category
        self.channel = channel
        self.journey = journey
        self.provider = provider
        self.template = template
        self.tenant = tenant
    }

    /// Matches all deliveries.
    public static let all = DeliveryFilter()

    public var isAll: Bool { self == .all }

    /// The part of the filter that is about the delivery and not about its message.
    public var routeOnly: DeliveryFilter { DeliveryFilter(channel: channel, provider: provider) }

    /// Whether a message has every value that is set, apart from channel and provider.
    public func matches(_ message: MessageDraft) -> Bool {
        campaign.map { $0 == message.campaign } ?? true
            && category.map { NameRule.areSame($0, message.category) } ?? true
            && journey.map { $0 == message.journey } ?? true
            && template.map { $0 == message.template } ?? true
            && tenant.map { $0 == message.tenant } ?? true
    }

    /// Whether a delivery of a message has every value that is set.
    ///
    /// - Parameters:
    ///   - message: what the delivery is a part of.
    ///   - channel: the channel it uses.
    ///   - provider: the provider it uses; nil when none was chosen yet.
    /// - Returns: whether it matches.
    public func matches(_ message: MessageDraft, on channel: Channel, through provider: String?) -> Bool {
        self.channel.map { $0 == channel } ?? true && self.provider.map { $0 == provider } ?? true && matches(message)
    }

    /// The value of one part as a text; nil when it is not set.
    public subscript(part: Part) -> String? {
        switch part {
        case .campaign: campaign
        case .category: category
        case .channel: channel?.description
        case .journey: journey
        case .provider: provider
        case .template: template
        case .tenant: tenant
        }
    }

    /// Sets one part from a text that somebody wrote.
    ///
    /// - Parameters:
    ///   - part: what to set.
    ///   - text: its value.
    ///   - limit: how many bytes a name may have.
    /// - Returns: what is wrong with the text, as a sentence; nil when it was set.
    public mutating func set(_ part: Part, to text: String, atMost limit: Int) -> String? {
        if let problem = NameRule.problem(in: text, atMost: limit) { return problem }
        switch part {
        case .campaign: campaign = text
        case .category: category = text
        case .channel:
            guard let named = Channel(name: text) else {
                let names = Channel.allCases.map(\.description).joined(separator: ", ")
                return "There is no channel of this name. The channels are: \(names)."
            }
            channel = named
        case .journey: journey = text
        case .provider: provider = text
        case .template: template = text
        case .tenant: tenant = text
        }
        return nil
    }

    /// The values that are set, for people: `campaign spring, channel sms`, or `everything`.
    public var description: String {
        let values = Part.allCases.compactMap { part in self[part].map { "\(part.rawValue) \($0)" } }
        return values.isEmpty ? "everything" : values.joined(separator: ", ")
    }
}
