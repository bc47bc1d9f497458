import SobreModel
import Testing

@testable import SobreAdmission

@Suite struct EscalationTests {
    @Test func `an escalation waits for its predecessor, then for the success, and ends when that has come`() {
        let now = Instant(milliseconds: 1_000_000_000)
        let escalation = Escalation(after: .seconds(3600), until: .opened)
        func gate(_ state: DeliveryState, sentAgo: Duration? = nil, dueIn: Duration? = nil) -> Escalation.Gate {
            let earlier = EarlierDelivery(
                channel: .push, state: state, sentAt: sentAgo.map { now - $0 }, dueAt: dueIn.map { now + $0 })
            return escalation.gate(after: [earlier], now: now)
        }
        #expect(escalation.gate(after: [], now: now) == .open)
        for state in [DeliveryState.failed, .dropped, .expired, .bounced] { #expect(gate(state) == .open) }
        for state in [DeliveryState.opened, .clicked, .converted, .unsubscribed, .complained] {
            #expect(gate(state, sentAgo: .seconds(10)) == .met(on: .push, state))
        }
        for state in [DeliveryState.sent, .delivered, .unknown] {
            #expect(gate(state, sentAgo: .seconds(3600)) == .open)
            guard case .wait(let until, _) = gate(state, sentAgo: .seconds(600)) else {
                Issue.record("it did not wait")
                continue
            }
            #expect(until == now + .seconds(3000))
        }
        guard case .wait(let until, _) = gate(.held, dueIn: .seconds(60)) else { return #expect(Bool(false)) }
        #expect(until > now + .seconds(60))
    }
}
