import SobreModel

/// The outcomes of the earlier channels of messages with `route: escalate`.
///
/// A simulation has no opens or clicks. A later channel is therefore sent unless the success of an earlier one is just
/// to be sent. Messages that receipts would have saved are not known.
struct EscalationLadders {
    private var messages: [Int64: [EarlierDelivery]] = [:]

    /// The outcomes of the channels before a delivery, in their order.
    func earlier(than delivery: DeliveryID) -> [EarlierDelivery] {
        guard delivery.slot > 0, let steps = messages[delivery.message.rawValue] else { return [] }
        return Array(steps.prefix(delivery.slot))
    }

    /// Records the outcome of a delivery. The first records of a message's deliveries must come in the order of its
    /// channels.
    mutating func note(_ delivery: DeliveryID, _ standing: EarlierDelivery) {
        let message = delivery.message.rawValue
        var steps = messages[message] ?? []
        if steps.count > delivery.slot { steps[delivery.slot] = standing } else { steps.append(standing) }
        messages[message] = steps
    }

    /// Removes a message that has no waiting deliveries.
    mutating func forget(_ message: MessageID) { messages[message.rawValue] = nil }
}
