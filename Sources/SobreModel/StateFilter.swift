/// Which deliveries are meant by their present state: for example those of one campaign that are held for quiet hours.
///
/// All conditions must hold. A condition that is nil or empty matches everything.
public struct StateFilter: Hashable, Sendable, CustomStringConvertible {
    public var states: Set<DeliveryState>
    /// Reasons of the present state, from ``LogReason``.
    public var reasons: Set<String>
    /// The recipient's ID or an alias.
    public var recipient: String?
    /// A tag of the message, or a tag that it is nested in: `promo` matches `promo/summer`.
    public var tag: String?
    public var selector: DeliveryFilter
    /// When the delivery came into its present state: at this instant or later.
    public var since: Instant?
    /// When the delivery came into its present state: before this instant.
    public var until: Instant?

    public init(
        states: Set<DeliveryState> = [], reasons: Set<String> = [], recipient: String? = nil, tag: String? = nil,
        selector: DeliveryFilter = .all, since: Instant? = nil, until: Instant? = nil
    ) {
        self.states = states
        self.reasons = reasons
        self.recipient = recipient
        self.tag = tag
        self.selector = selector
        self.since = since
        self.until = until
    }

    /// Whether a delivery matches, apart from ``recipient``, which a store resolves to all names of a person.
    ///
    /// - Parameters:
    ///   - last: the newest log entry of the delivery.
    ///   - message: the message that the delivery belongs to.
    /// - Returns: whether every condition holds.
    public func matches(_ last: LogEntry, of message: Message) -> Bool {
        guard states.isEmpty || states.contains(last.state), reasons.isEmpty || reasons.contains(last.reason),
            since.map({ last.at >= $0 }) ?? true, until.map({ last.at < $0 }) ?? true,
            tag.map({ tag in message.draft.tags.contains { $0 == tag || $0.hasPrefix(tag + "/") } }) ?? true
        else { return false }
        let channel = last.channel ?? message.plan(of: last.delivery).first ?? message.draft.channels[0]
        return selector.matches(message.draft, on: channel, through: last.provider)
    }

    /// The conditions, for people: `state held, reason quiet_hours, campaign spring`, or `everything`.
    public var description: String {
        var parts: [String] = []
        if !states.isEmpty {
            let names = states.sorted { $0.rawValue < $1.rawValue }.map(\.description)
            parts.append("state \(names.joined(separator: " or "))")
        }
        if !reasons.isEmpty { parts.append("reason \(reasons.sorted().joined(separator: " or "))") }
        if let recipient { parts.append("recipient \(recipient)") }
        if let tag { parts.append("tag \(tag)") }
        if !selector.isAll { parts.append("\(selector)") }
        if let since { parts.append("since \(since.rfc3339)") }
        if let until { parts.append("until \(until.rfc3339)") }
        return parts.isEmpty ? "everything" : parts.joined(separator: ", ")
    }
}
