public import SobreAdmission
import SobreClient
public import SobreModel
public import SobrePreview
import SobreRendering
import SobreStore
import SobreWire

extension StoreAccess {
    /// Makes the production decision for messages that are not sent. Writes nothing.
    ///
    /// - Parameters:
    ///   - drafts: the messages. Each is decided independently of the others.
    ///   - subject: the recipient. For a stored recipient the earlier contacts count: by the live state of the server
    ///     that owns the data, else by what is stored.
    ///   - at: the time of the decision; nil: now, by the clock of whoever decides.
    /// - Returns: for each message, one decision for each of its deliveries.
    /// - Throws: when the policy or the data cannot be read, or when the server rejects a message.
    public func decide(
        _ drafts: [MessageDraft], subject: PreviewSubject, at: Instant?
    ) async throws -> [[PreviewDecision]] {
        let policy = try settings.readPolicy()
        let conditions = AdmissionConditions(replyWindows: try settings.replyWindows())
        let now = at ?? SystemTime().now()
        guard case .stored = subject.origin else {
            return Self.decide(drafts, AdmissionFacts(profile: subject.profile), policy, conditions, now)
        }
        return try await ask { client in
            var decisions: [[PreviewDecision]] = []
            for draft in drafts {
                decisions.append(
                    zip(try await client.decide(draft, at: at), draft.plans).map(PreviewDecision.init(_:plan:)))
            }
            return decisions
        } reader: { reader in
            let facts = try await reader.facts(recipient: subject.profile.id, horizon: policy.horizon)
            return Self.decide(drafts, facts, policy, conditions, now)
        }
    }

    private static func decide(
        _ drafts: [MessageDraft], _ facts: AdmissionFacts, _ policy: Policy, _ conditions: AdmissionConditions,
        _ now: Instant
    ) -> [[PreviewDecision]] {
        var ids = MessageIDGenerator(after: nil)
        return drafts.map { draft in
            let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
            return policy.dryRun(message, facts: facts, conditions: conditions, now: now).map {
                PreviewDecision($0.channel, $0.decision)
            }
        }
    }
}

extension PreviewDecision {
    /// Converts a decision from the server's wire format.
    fileprivate init(_ found: Wire.Decision, plan: [Channel]) {
        var reason = [found.reason, found.summary].compactMap { $0 }.joined(separator: ": ")
        if let until = found.until, !reason.contains("until ") { reason += ", until \(until)" }
        self.init(found.channel ?? plan[0], verdict: found.verdict, reason: reason)
    }
}
