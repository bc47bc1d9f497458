import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Changes of deliveries that somebody ordered: cancelling what waits, and queueing once more what has ended.
extension QueueTransaction {
    private static let markCancelled = PreparedStatement(
        "queue_cancelled", "UPDATE message SET cancelled_at = $3 WHERE bucket = $1 AND id = $2 AND cancelled_at IS NULL"
    )
    private static let isCancelled = PreparedStatement(
        "queue_is_cancelled", "SELECT cancelled_at IS NOT NULL FROM message WHERE bucket = $1 AND id = $2")
    private static let wasSent = PreparedStatement(
        "queue_was_sent",
        """
        SELECT EXISTS (SELECT FROM attempt WHERE bucket = $1 AND delivery = $2
            AND state <> \(LedgerEntry.State.released.rawValue))
        """)

    /// Locks the bucket of a message, for a change of its deliveries.
    static func begin(_ message: MessageID, _ store: PostgresStore, _ connection: PostgresConnection) throws
        -> QueueTransaction
    {
        try connection.send(lock, [Bucket.of(message)])
        try connection.send(drawNumbers, DeliveryID.maxSlots)
        let (now, results) = try store.clock.read(connection)
        let numbers = try results.last?.map { try $0.int(0) } ?? []
        return QueueTransaction(connection, now: now, numbers: numbers)
    }

    /// Keeps the deliveries of a message that are in flight from being queued again.
    func markCancelled(_ id: MessageID) throws(PostgresError) {
        try connection.send(Self.markCancelled, Bucket.of(id), id.rawValue, now.milliseconds)
    }

    /// Ends a waiting delivery without an attempt, even when it is claimed. If an earlier attempt may have reached the
    /// recipient, the state becomes `unknown`.
    ///
    /// - Parameters:
    ///   - last: the newest entry of its log.
    ///   - message: its message.
    ///   - reason: why it is no longer needed.
    ///   - detail: the reason as readable text.
    /// - Returns: the entry that is written; nil when the delivery did not wait.
    /// - Throws: `StoreError` or `PostgresError`.
    func endWaiting(
        _ last: LogEntry, of message: Message, _ reason: DropReason, detail: String = ""
    ) throws -> LogEntry? {
        let delivery = last.delivery
        guard last.state.isPending,
            let row = try connection.query(Self.items, [Bucket.of(message.id)], [delivery.rawValue]).first
        else { return nil }
        let item = try QueueItem.read(row)
        let entry = LogEntry(
            delivery: delivery, at: now, state: last.possibleDuplicate ? .unknown : .cancelled,
            reason: reason.rawValue, attempt: last.attempt,
            channel: message.draft.route.hasDeliveryPerChannel ? message.plan(of: delivery).first : nil,
            detail: detail, possibleDuplicate: last.possibleDuplicate)
        writer.take(item)
        log(entry, of: item.campaign)
        return entry
    }

    /// Queues a delivery that has ended once more, as if it were new.
    ///
    /// - Parameters:
    ///   - last: the newest entry of its log.
    ///   - message: its message.
    ///   - repeatingUnknown: whether it is queued although a provider may have accepted it.
    ///   - author: who ordered it.
    /// - Returns: what became of it.
    /// - Throws: `StoreError` or `PostgresError`.
    func requeue(
        _ last: LogEntry, of message: Message, repeatingUnknown: Bool, by author: Author?
    ) throws -> StateChangeResult {
        let delivery = last.delivery
        let bucket = Bucket.of(message.id)
        guard !message.recipient.isEmpty, let first = message.plan(of: delivery).first,
            try connection.query(Self.isCancelled, bucket, message.id.rawValue).first?.bool(0) == false
        else { return .notPossible }
        let maySent =
            try last.possibleDuplicate || last.state == .unknown
            || connection.query(Self.wasSent, bucket, delivery.rawValue)[0].bool(0)
        if maySent, !repeatingUnknown { return .mayHaveBeenSent }
        let campaign = message.draft.campaign.map { KeyHash($0) } ?? .none
        // What may have been sent is repeated on the same channel, by the same provider.
        let channel = maySent ? last.channel : nil
        var flags: QueueFlags = maySent ? .possibleDuplicate : []
        if channel != nil { flags.insert(.hasBegun) }
        writer.leave(last, of: campaign)
        writer.add(
            QueueItem(
                delivery: delivery, channel: channel ?? first, rank: message.draft.priority.rank, dueAt: now,
                person: .recipient(message.recipient), state: .queued, flags: flags, campaign: campaign,
                reason: LogReason.retried, since: now))
        log(
            LogEntry(
                delivery: delivery, at: now, state: .queued, reason: LogReason.retried, channel: channel,
                detail: author?.words ?? "", dueAt: now, possibleDuplicate: maySent), of: campaign)
        return .changed
    }
}
