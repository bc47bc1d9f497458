import SobreModel
import SobreStore

extension Core {
    func retry(_ id: MessageID, by author: Author?) throws(StoreError) -> [DeliveryID: DeliveryState]? {
        guard let message = try message(id) else { return nil }
        let now = now()
        var states: [DeliveryID: DeliveryState] = [:]
        for delivery in message.deliveries {
            guard let last = try lastEntry(of: delivery) else { continue }
            states[delivery] = last.state
            guard last.state == .failed else { continue }
            let result = try requeue(last, of: message, repeatingUnknown: false, by: author, now: now)
            if result == .changed { states[delivery] = .queued }
        }
        return states
    }
}
