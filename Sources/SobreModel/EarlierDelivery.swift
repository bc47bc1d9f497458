/// The state of an earlier channel of a message with `route: escalate`.
public struct EarlierDelivery: Hashable, Sendable {
    public var channel: Channel
    public var state: DeliveryState
    /// When it was handed over, as far as known; nil when it was not.
    public var sentAt: Instant?
    /// When it is due, if it is pending.
    public var dueAt: Instant?

    public init(channel: Channel, state: DeliveryState, sentAt: Instant? = nil, dueAt: Instant? = nil) {
        self.channel = channel
        self.state = state
        self.sentAt = sentAt
        self.dueAt = dueAt
    }
}
