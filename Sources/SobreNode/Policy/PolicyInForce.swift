public import SobreAdmission
public import SobreDispatch
public import SobreModel
import Synchronization

/// The policy in force: read from its file, registered with the store, replaced as a whole.
public final class PolicyInForce: DeliveryDeciding {
    private struct State {
        var policy: Policy
        /// The newest text that was looked at, whether it could be put in force or not.
        var seen: String
        /// A newer version is being stored: nothing may be sent under the old one once that is committed.
        var isChanging = false
    }

    private let current: Mutex<State>
    /// When the server was started on data that were restored from a backup: what was sent since the backup, it does not
    /// know. Nil: it knows everything.
    public let restoredAt: Instant?

    public init(_ policy: Policy, text: String = "", restoredAt: Instant? = nil) {
        current = Mutex(State(policy: policy, seen: text))
        self.restoredAt = restoredAt
    }

    public var policy: Policy { current.withLock { $0.policy } }

    /// Whether this is the text that was looked at last: then there is nothing to do, nor to complain of again.
    public func hasSeen(_ text: String) -> Bool { current.withLock { $0.seen == text } }

    public func see(_ text: String) { current.withLock { $0.seen = text } }

    /// Stores a newer version and puts it in force. Until it is known whether that has happened, nothing is sent: no
    /// decision is made under an old version once a new one is committed.
    public func replace(with policy: Policy, storing store: () async throws -> Int) async throws -> Int {
        current.withLock { $0.isChanging = true }
        defer { current.withLock { $0.isChanging = false } }
        let version = try await store()
        current.withLock { $0.policy = policy.with(version: version) }
        return version
    }

    public var horizon: Duration { policy.horizon }

    /// The whole verdict, under the conditions that the caller knows and those that are known here.
    public func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision {
        let (policy, conditions) = inForce(conditions)
        return policy.decide(request, facts: facts, conditions: conditions, now: now)
    }

    /// The policy with the conditions that hold for it: whether it is being replaced, and whether the data were restored.
    public func inForce(_ given: AdmissionConditions) -> (policy: Policy, conditions: AdmissionConditions) {
        let state = current.withLock { $0 }
        var conditions = given
        conditions.restoredAt = restoredAt
        conditions.isPolicyChanging = state.isChanging
        return (state.policy, conditions)
    }

    public func expiresAt(_ message: Message) -> Instant? {
        // The commonest answer needs no look at the policy.
        message.draft.expiresAt ?? policy.category(message.draft.category).expiresAt(message)
    }

    public func resendsUnknown(category: String) -> Bool { policy.category(category).unknownOutcome == .resendOnce }
}
