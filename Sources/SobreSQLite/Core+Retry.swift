import SobreModel
import SobreStore

extension Core {
    func retry(_ id: MessageID, by author: Author?) throws(StoreError) -> [DeliveryID: DeliveryState]? {
        guard let message = try message(id) else { return nil }
        let now = now()
        var states: [DeliveryID: DeliveryState] = [:]
        var queued = 0
        for delivery in message.deliveries {
            guard let last = try lastEntry(of: delivery) else { continue }
            states[delivery] = last.state
            guard last.state == .failed else { continue }
            let result = try requeue(last, of: message, repeatingUnknown: false, by: author, now: now)
            guard result == .changed else { continue }
            states[delivery] = .queued
            queued += 1
        }
        if queued > 0 { try audit(.retry, message, "\(queued) deliveries", by: author) }
        return states
    }

    /// Appends an entry about one message to the audit trail.
    func audit(_ action: AuditAction, _ message: Message, _ detail: String, by author: Author?) throws(StoreError) {
        try audit(
            action, "message \(message.id)", about: .recipient(message.recipient), detail: detail, by: author)
    }
}
