/// One transition of one delivery, as the delivery log keeps it. Nothing in it names an address or holds a body.
public struct LogEntry: Hashable, Sendable {
    /// Grows with each entry of a person's messages; 0 before it is stored. There may be gaps, and between people it need
    /// not be the order in which the entries were committed: to read a log on, take its cursors.
    public var sequence: Int64
    public var delivery: DeliveryID
    public var at: Instant
    public var state: DeliveryState
    /// A stable code (`DropReason`, `HoldReason`, `FailureReason`, `Outcome.Kind`), or empty.
    public var reason: String
    public var attempt: Int
    public var channel: Channel?
    public var provider: String?
    /// The provider's id of the message, once accepted.
    public var providerID: String?
    /// The reason in words: the provider's answer (redacted) or the rule that held it.
    public var detail: String
    /// When a waiting delivery is due again.
    public var dueAt: Instant?
    /// The second hand-over of a message whose first outcome is unknown.
    public var possibleDuplicate: Bool
    public var policyVersion: Int
    public var templateVersion: String
    /// The decision's reasoning (JSON), for what was held, dropped or expired.
    public var explanation: [UInt8]?

    public init(
        sequence: Int64 = 0, delivery: DeliveryID, at: Instant, state: DeliveryState, reason: String = "",
        attempt: Int = 0, channel: Channel? = nil, provider: String? = nil, providerID: String? = nil,
        detail: String = "", dueAt: Instant? = nil, possibleDuplicate: Bool = false, policyVersion: Int = 0,
        templateVersion: String = "", explanation: [UInt8]? = nil
    ) {
        self.sequence = sequence
        self.delivery = delivery
        self.at = at
        self.state = state
        self.reason = reason
        self.attempt = attempt
        self.channel = channel
        self.provider = provider
        self.providerID = providerID
        self.detail = detail
        self.dueAt = dueAt
        self.possibleDuplicate = possibleDuplicate
        self.policyVersion = policyVersion
        self.templateVersion = templateVersion
        self.explanation = explanation
    }
}
