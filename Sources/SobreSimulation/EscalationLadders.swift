import SobreAdmission
import SobreModel

/// What became of the earlier channels of messages with `route: escalate`.
///
/// Nobody opens or clicks in a simulation, so that a later channel's turn comes unless an earlier one's success is to be
/// sent; what it would have been spared by receipts is not known.
struct EscalationLadders {
    private var messages: [Int64: [EarlierDelivery]] = [:]

    /// Keeps a later channel from overtaking the earlier ones, as the dispatcher does.
    func gate(_ judgement: inout Policy.Judgement, _ request: AdmissionRequest, at now: Instant) {
        let slot = request.delivery.slot
        guard slot > 0, judgement.verdict != .expire, judgement.verdict != .drop(.cancelled),
            let earlier = messages[request.message.id.rawValue]?.prefix(slot), !earlier.isEmpty
        else { return }
        switch request.message.escalation.gate(after: Array(earlier), now: now) {
        case .open: return
        case .wait(let until, _): judgement.verdict = .hold(until: until, .awaitsChannel)
        case .met: judgement.verdict = .drop(.escalationMet)
        }
        judgement.objection = nil
    }

    /// Remembers where a delivery stands. Deliveries of a message are noted first in the order of their channels.
    mutating func note(
        _ delivery: DeliveryID, _ state: DeliveryState, on channel: Channel, sentAt: Instant? = nil,
        dueAt: Instant? = nil
    ) {
        let message = delivery.message.rawValue
        let now = EarlierDelivery(channel: channel, state: state, sentAt: sentAt, dueAt: dueAt)
        var steps = messages[message] ?? []
        if steps.count > delivery.slot { steps[delivery.slot] = now } else { steps.append(now) }
        messages[message] = steps
    }

    /// Lets go of a message of which nothing waits any more.
    mutating func forget(_ message: MessageID) { messages[message.rawValue] = nil }
}
