import SobreModel
import SobreStore

extension Core {
    func cancel(_ id: MessageID) throws(StoreError) -> [DeliveryID: DeliveryState]? {
        guard let message = try message(id) else { return nil }
        let now = now()
        try cold("UPDATE message SET cancelled_at = ? WHERE id = ? AND cancelled_at IS NULL")
            .bind(1, now).bind(2, id.rawValue).run()
        var states: [DeliveryID: DeliveryState] = [:]
        for delivery in message.deliveries {
            guard let last = try lastEntry(of: delivery) else { continue }
            let ended = try endWaiting(delivery, last, of: message, .cancelled, now: now)
            states[delivery] = ended?.state ?? last.state
        }
        return states
    }

    /// Ends a delivery that waits, whoever may have claimed it, without an attempt. What may have reached the person by an
    /// earlier one stays unknown.
    ///
    /// - Parameters:
    ///   - delivery: which.
    ///   - last: the newest entry of its log.
    ///   - message: what it is a delivery of.
    ///   - reason: why it is not needed any more.
    ///   - detail: the same in words.
    ///   - now: the present time.
    /// - Returns: what was logged; nil when it did not wait.
    /// - Throws: `StoreError` when a row cannot be written.
    func endWaiting(
        _ delivery: DeliveryID, _ last: LogEntry, of message: Message, _ reason: DropReason, detail: String = "",
        now: Instant
    ) throws(StoreError) -> LogEntry? {
        guard last.state.isPending, try takeFromQueue(delivery, last, of: message) else { return nil }
        let entry = LogEntry(
            delivery: delivery, at: now, state: last.possibleDuplicate ? .unknown : .cancelled,
            reason: reason.rawValue, attempt: last.attempt,
            channel: message.draft.route.hasDeliveryPerChannel ? message.plan(of: delivery).first : nil, detail: detail,
            possibleDuplicate: last.possibleDuplicate)
        count(last.state, -1)
        count(entry.state, 1)
        try log(entry, at: now)
        return entry
    }

    /// Takes a delivery that waits out of the queue, whoever may have claimed it.
    ///
    /// - Parameters:
    ///   - delivery: which.
    ///   - last: the newest entry of its log: tells when it is due.
    ///   - message: what it is a delivery of.
    /// - Returns: whether it was there.
    /// - Throws: `StoreError` when a row cannot be written.
    @discardableResult
    func takeFromQueue(_ delivery: DeliveryID, _ last: LogEntry, of message: Message) throws(StoreError) -> Bool {
        endLease(delivery.rawValue)
        let key = QueueKey(dueAt: (last.dueAt ?? last.at).milliseconds, delivery: delivery.rawValue)
        for channel in Channel.allCases
        where try takeFromQueue(channel: channel, rank: Self.rank(message.draft.priority), key: key) {
            return true
        }
        return false
    }

    /// Where a delivery stands: the newest entry of its log.
    func lastEntry(of delivery: DeliveryID) throws(StoreError) -> LogEntry? {
        let row = try cold("SELECT \(LogColumns.list) FROM log WHERE delivery = ? ORDER BY seq DESC LIMIT 1")
            .bind(1, delivery.rawValue)
        defer { row.reset() }
        return try row.step() ? try LogColumns.read(row) : nil
    }
}
