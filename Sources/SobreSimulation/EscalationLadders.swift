import SobreModel

/// What became of the earlier channels of messages with `route: escalate`.
///
/// Nobody opens or clicks in a simulation, so that a later channel's turn comes unless an earlier one's success is to be
/// sent; what it would have been spared by receipts is not known.
struct EscalationLadders {
    private var messages: [Int64: [EarlierDelivery]] = [:]

    /// Where the channels before a delivery stand, in their order.
    func earlier(than delivery: DeliveryID) -> [EarlierDelivery] {
        guard delivery.slot > 0, let steps = messages[delivery.message.rawValue] else { return [] }
        return Array(steps.prefix(delivery.slot))
    }

    /// Remembers where a delivery stands. Deliveries of a message are noted first in the order of their channels.
    mutating func note(_ delivery: DeliveryID, _ standing: EarlierDelivery) {
        let message = delivery.message.rawValue
        var steps = messages[message] ?? []
        if steps.count > delivery.slot { steps[delivery.slot] = standing } else { steps.append(standing) }
        messages[message] = steps
    }

    /// Lets go of a message of which nothing waits any more.
    mutating func forget(_ message: MessageID) { messages[message.rawValue] = nil }
}
