import SobreModel
import SobreStore

extension Core {
    func retry(_ id: MessageID) throws(StoreError) -> [DeliveryID: DeliveryState]? {
        guard let message = try message(id) else { return nil }
        let now = now()
        let isCancelled = try isCancelled(id)
        let mayRetry = !isCancelled && !message.recipient.isEmpty
        var states: [DeliveryID: DeliveryState] = [:]
        for delivery in message.deliveries {
            guard let last = try lastEntry(of: delivery) else { continue }
            states[delivery] = last.state
            guard mayRetry, last.state == .failed, let channel = message.plan(of: delivery).first else { continue }
            let campaign = KeyHash.campaign(message.draft.campaign)
            try takeFromUnsent(last, campaign)
            let row = QueueRow(
                delivery: delivery, channel: channel, rank: Self.rank(message.draft.priority), dueAt: now,
                state: .queued, campaign: campaign, reason: LogReason.retried, since: now)
            try putInQueue(row, campaign: message.draft.campaign, now: now)
            count(.failed, -1)
            count(.queued, 1)
            let entry = LogEntry(delivery: delivery, at: now, state: .queued, reason: LogReason.retried, dueAt: now)
            try log(entry, of: campaign, at: now)
            states[delivery] = .queued
        }
        return states
    }

    private func isCancelled(_ id: MessageID) throws(StoreError) -> Bool {
        let row = try cold("SELECT 1 FROM message WHERE id = ? AND cancelled_at IS NOT NULL").bind(1, id.rawValue)
        defer { row.reset() }
        return try row.step()
    }
}
