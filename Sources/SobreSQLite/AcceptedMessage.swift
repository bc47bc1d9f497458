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
        .accepted(
            id.delivery(slot), sequence: firstSequence + Int64(slot), acceptedAt: acceptedAt, sendAt: sendAt,
            route: route)
    }
}
