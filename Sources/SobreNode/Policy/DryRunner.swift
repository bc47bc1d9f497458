public import SobreAdmission
public import SobreModel
import SobreStore

/// Decides for a message that is not sent: the production decision on the live state, without any effect.
public struct DryRunner: Sendable {
    let store: any ProfileStore
    let policy: PolicyInForce
    let time: any TimeSource

    func decide(_ draft: MessageDraft) async throws -> [(channel: Channel?, decision: AdmissionDecision)] {
        let now = time.now()
        let current = policy.policy
        let corrections = time.corrections
        let horizon = corrections.reduce(current.horizon) { $0 + $1.by }
        let facts = try await store.facts(recipient: draft.recipient, horizon: horizon).corrected(by: corrections)
        var ids = MessageIDGenerator(after: nil)
        let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
        return message.deliveries.map { delivery in
            let (channel, decision) = Self.decide(message, delivery, facts: facts, policy: current, now: now)
            return (channel, policy.afterRestore(decision, message, at: now))
        }
    }

    /// Follows the decision from channel to channel, as the dispatcher would.
    public static func decide(
        _ message: Message, _ delivery: DeliveryID, facts: AdmissionFacts, policy: Policy, now: Instant
    ) -> (channel: Channel?, decision: AdmissionDecision) {
        let plan = message.plan(of: delivery)
        var channel = message.firstChannel(of: delivery, for: facts.profile)
        var decision = AdmissionDecision(verdict: .expire, policyVersion: policy.version)
        for _ in 0...plan.count {
            let request = AdmissionRequest(delivery: delivery, epoch: 0, message: message, channel: channel)
            decision = policy.decide(request, facts: facts, now: now, explaining: .always)
            guard case .reroute(let next) = decision.verdict else { break }
            channel = next
        }
        return (channel, decision)
    }
}
