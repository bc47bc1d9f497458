/// One transition of one delivery in the delivery log. Contains no addresses and no message bodies.
public struct LogEntry: Hashable, Sendable {
    /// Increases with each entry of a recipient's messages; 0 before the entry is stored. There may be gaps. Entries of
    /// different recipients need not be in the order they were committed, so use the log's cursors to continue reading.
    public var sequence: Int64
    public var delivery: DeliveryID
    public var at: Instant
    public var state: DeliveryState
    /// A stable code (`DropReason`, `HoldReason`, `FailureReason`, `Outcome.Kind`), or empty.
    public var reason: String
    public var attempt: Int
    public var channel: Channel?
    public var provider: String?
    /// The provider's id of the message, once it was accepted.
    public var providerID: String?
    /// The reason as a text: the provider's answer (redacted), or the rule that held the delivery.
    public var detail: String
    /// When a pending delivery is due again.
    public var dueAt: Instant?
    /// Whether this is the second hand-over of a message whose first outcome is unknown.
    public var possibleDuplicate: Bool
    public var policyVersion: Int
    public var templateVersion: String
    /// The decision's explanation as JSON, if the delivery was held, dropped or expired.
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
