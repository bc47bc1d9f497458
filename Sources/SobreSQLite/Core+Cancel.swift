import SobreModel
import SobreStore

extension Core {
    func cancel(_ id: MessageID, by author: Author? = nil) throws(StoreError) -> [DeliveryID: DeliveryState]? {
        guard let message = try message(id) else { return nil }
        changes.note(CollectionOfOne(.message(id)))
        let now = now()
        try markCancelled(id, now: now)
        var states: [DeliveryID: DeliveryState] = [:]
        var cancelled = 0
        for delivery in message.deliveries {
            guard let last = try lastEntry(of: delivery) else { continue }
            let ended = try endWaiting(
                delivery, last, of: message, .cancelled, detail: author?.words ?? "", now: now)
            states[delivery] = ended?.state ?? last.state
            if ended != nil || last.state == .attempting { cancelled += 1 }
        }
        if cancelled > 0 { try audit(.cancel, message, "\(cancelled) deliveries", by: author) }
        return states
    }

    /// Ends a waiting delivery without an attempt, even when it is claimed. If an earlier attempt may have reached the
    /// recipient, the state becomes `unknown`.
    ///
    /// - Parameters:
    ///   - delivery: The delivery to end.
    ///   - last: The newest entry of its log.
    ///   - message: The message that the delivery belongs to.
    ///   - reason: Why the delivery is no longer needed.
    ///   - detail: The reason as readable text.
    ///   - now: The present time.
    /// - Returns: The log entry that was written, or nil when the delivery did not wait.
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
        try log(entry, of: .campaign(message.draft.campaign), at: now)
        return entry
    }

    /// Removes a waiting delivery from the queue, even when it is claimed.
    ///
    /// - Parameters:
    ///   - delivery: The delivery to remove.
    ///   - last: The newest entry of its log, which holds its due time.
    ///   - message: The message that the delivery belongs to.
    /// - Returns: Whether the delivery was in the queue.
    /// - Throws: `StoreError` when a row cannot be written.
    @discardableResult
    func takeFromQueue(_ delivery: DeliveryID, _ last: LogEntry, of message: Message) throws(StoreError) -> Bool {
        endLease(delivery.rawValue)
        freshMessages.remove(delivery.message)
        let key = QueueKey(dueAt: (last.dueAt ?? last.at).milliseconds, delivery: delivery.rawValue)
        let rank = Self.rank(message.draft.priority)
        for channel in Channel.allCases where try takeFromQueue(section: 0, channel: channel, rank: rank, key: key) {
            return true
        }
        return try takePaused(delivery)
    }

    /// Removes a delivery that a pause holds, or held, from the queue. It has the key that it had before, which its log
    /// does not tell.
    private func takePaused(_ delivery: DeliveryID) throws(StoreError) -> Bool {
        let row = try cold("SELECT section, channel, rank, due_at FROM queue WHERE delivery = ? AND section > 0")
            .bind(1, delivery.rawValue)
        defer { row.reset() }
        guard try row.step() else { return false }
        return try takeFromQueue(
            section: row.int(0), channel: try row.value(1, in: "queue.channel", of: delivery.rawValue),
            rank: row.int(2), key: QueueKey(dueAt: row.int(3), delivery: delivery.rawValue))
    }

    /// The newest log entry of a delivery.
    func lastEntry(of delivery: DeliveryID) throws(StoreError) -> LogEntry? {
        try entries.last(of: delivery)
    }
}
