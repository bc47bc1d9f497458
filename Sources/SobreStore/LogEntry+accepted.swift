public import SobreModel

extension LogEntry {
    /// The first log entry of a delivery.
    ///
    /// - Parameters:
    ///   - delivery: the delivery.
    ///   - sequence: the entry's place in the log; 0 before it is stored.
    ///   - acceptedAt: when its message was accepted.
    ///   - sendAt: when it is to be sent; nil for at once.
    ///   - route: the route of its message.
    /// - Returns: the entry, which says when the delivery is due.
    public static func accepted(
        _ delivery: DeliveryID, sequence: Int64 = 0, acceptedAt: Instant, sendAt: Instant?, route: ChannelRoute
    ) -> LogEntry {
        let dueAt = max(sendAt ?? acceptedAt, acceptedAt)
        // The later channels of an escalation check the earlier ones when they become due, and wait if needed.
        let isLater = route == .escalate && delivery.slot > 0
        return LogEntry(
            sequence: sequence, delivery: delivery, at: acceptedAt,
            state: isLater || dueAt > acceptedAt ? .scheduled : .queued, dueAt: isLater ? dueAt + .seconds(1) : dueAt)
    }
}
