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
            states[delivery] = last.state
            guard last.state.isPending else { continue }
            endLease(delivery.rawValue)
            let key = QueueKey(dueAt: (last.dueAt ?? last.at).milliseconds, delivery: delivery.rawValue)
            for channel in Channel.allCases
            where try takeFromQueue(channel: channel, rank: Self.rank(message.draft.priority), key: key) {
                // What may have reached the person already stays unknown.
                let state: DeliveryState = last.possibleDuplicate ? .unknown : .cancelled
                count(last.state, -1)
                count(state, 1)
                let entry = LogEntry(
                    delivery: delivery, at: now, state: state, reason: DropReason.cancelled.rawValue,
                    attempt: last.attempt, possibleDuplicate: last.possibleDuplicate)
                try log(entry, at: now)
                states[delivery] = state
            }
        }
        return states
    }

    /// Where a delivery stands: the newest entry of its log.
    func lastEntry(of delivery: DeliveryID) throws(StoreError) -> LogEntry? {
        let row = try cold("SELECT \(LogColumns.list) FROM log WHERE delivery = ? ORDER BY seq DESC LIMIT 1")
            .bind(1, delivery.rawValue)
        defer { row.reset() }
        return try row.step() ? LogColumns.read(row) : nil
    }
}
