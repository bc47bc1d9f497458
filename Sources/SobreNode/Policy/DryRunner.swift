public import SobreAdmission
public import SobreModel
import SobreStore

/// Makes the production decision on the live state for a message that is not sent. Has no side effects.
public struct DryRunner: Sendable {
    let store: any ProfileStore
    let policy: PolicyInForce
    let time: any TimeSource
    /// The names of each channel's providers now.
    let providers: @Sendable () -> [Channel: [String]]

    /// Decides for each delivery of a message that is accepted at a time.
    ///
    /// - Parameters:
    ///   - draft: the message.
    ///   - at: the time of acceptance and decision; nil: now. What was sent before counts as it is recorded now.
    /// - Returns: a decision for each delivery, with its channel.
    /// - Throws: `StoreError` when the facts cannot be read.
    func decide(
        _ draft: MessageDraft, at: Instant? = nil
    ) async throws -> [(channel: Channel?, decision: AdmissionDecision)] {
        let now = at ?? time.now()
        var ids = MessageIDGenerator(after: nil)
        let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
        let horizon = policy.horizon
        let conditions = AdmissionConditions(of: time, horizon: horizon, providers: providers())
        let facts = try await store.facts(
            recipient: draft.recipient, horizon: conditions.readingHorizon(for: horizon))
        return decide(message, facts: facts, conditions: conditions, at: now).map { ($0.channel, $0.decision) }
    }

    /// The decisions on facts already read, under the policy in force now.
    func decide(
        _ message: Message, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> [DryRunDecision] {
        let (policy, conditions) = policy.inForce(conditions)
        return policy.dryRun(message, facts: facts, conditions: conditions, now: now)
    }
}
