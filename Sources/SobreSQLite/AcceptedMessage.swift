import SobreModel
import SobreStore

/// What a message's row says of its acceptance. The first log entry of each delivery is derived from it.
struct AcceptedMessage {
    static let list = """
        message.id, message.seq, message.accepted_at, message.send_at, message.route, message.channels
        """
    static let count: Int32 = 6

    var id: MessageID
    /// The sequence number of the first delivery's entry. The next deliveries have the next numbers.
    var firstSequence: Int64
    var acceptedAt: Instant
    var sendAt: Instant?
    var route: ChannelRoute
    var deliveryCount: Int

    var lastSequence: Int64 { firstSequence + Int64(deliveryCount) - 1 }

    init(_ message: Message, firstSequence: Int64) {
        id = message.id
        self.firstSequence = firstSequence
        acceptedAt = message.acceptedAt
        sendAt = message.draft.sendAt
        route = message.draft.route
        deliveryCount = message.draft.deliveryCount
    }

    /// Reads the columns of `list`. Nil for a message whose first entries are rows of the log.
    init?(_ row: Statement) throws(StoreError) {
        guard let sequence = row.optionalInt(1) else { return nil }
        id = MessageID(rawValue: row.int(0))
        firstSequence = sequence
        acceptedAt = Instant(milliseconds: row.int(2))
        sendAt = row.instant(3)
        route = try row.value(4, in: "message.route", of: row.int(0))
        deliveryCount = route.hasDeliveryPerChannel ? row.byteCount(5) : 1
    }

    /// The first log entry of a delivery.
    func entry(slot: Int) -> LogEntry {
        let dueAt = max(sendAt ?? acceptedAt, acceptedAt)
        // The later channels of an escalation check the earlier ones when they become due, and wait if needed.
        let isLater = route == .escalate && slot > 0
        return LogEntry(
            sequence: firstSequence + Int64(slot), delivery: id.delivery(slot), at: acceptedAt,
            state: isLater || dueAt > acceptedAt ? .scheduled : .queued, dueAt: isLater ? dueAt + .seconds(1) : dueAt)
    }
}
