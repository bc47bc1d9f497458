public import SobreAdmission
public import SobreDispatch
public import SobreModel
public import SobreStore
import Synchronization

/// The policy in force: read from its file, registered with the store, replaced as a whole.
public final class PolicyInForce: DeliveryDeciding {
    private struct State {
        var policy: Policy
        /// The newest text that was looked at, whether it could be put in force or not.
        var seen: String
    }

    private let current: Mutex<State>
    /// When the server was started on data that were restored from a backup: what was sent since the backup, it does not
    /// know. Nil: it knows everything.
    public let restoredAt: Instant?

    /// Reads a version from the store; nil: it is not there, or this program does not understand it.
    private let stored: @Sendable (_ version: Int) async throws(StoreError) -> Policy?

    public init(
        _ policy: Policy, text: String = "", restoredAt: Instant? = nil,
        stored: @escaping @Sendable (_ version: Int) async throws(StoreError) -> Policy? = { _ in nil }
    ) {
        current = Mutex(State(policy: policy, seen: text))
        self.restoredAt = restoredAt
        self.stored = stored
    }

    public var policy: Policy { current.withLock { $0.policy } }

    /// Whether this is the text that was looked at last: then there is nothing to do, nor to complain of again.
    public func hasSeen(_ text: String) -> Bool { current.withLock { $0.seen == text } }

    public func see(_ text: String) { current.withLock { $0.seen = text } }

    public var version: Int { policy.version }

    /// Stores a newer version and puts it in force. In between nothing is sent: the store refuses decisions under an old
    /// version from the moment at which a newer one is committed.
    public func replace(with policy: Policy, storing store: () async throws -> Int) async throws -> Int {
        let version = try await store()
        put(policy.with(version: version))
        return version
    }

    /// Puts the newest version in force that the store knows of, whoever has stored it.
    public func follow(version: Int) async throws(StoreError) {
        if version <= self.version { return }
        guard let policy = try await stored(version) else {
            throw StoreError(
                .incompatible,
                "Version \(version) of the policy is in force, and this server cannot read it; nothing is sent until it "
                    + "can. Use the newest Sobre on every server, or store another policy.")
        }
        put(policy)
    }

    private func put(_ policy: Policy) {
        current.withLock { if $0.policy.version <= policy.version { $0.policy = policy } }
    }

    public var horizon: Duration { policy.horizon }

    /// The whole verdict, under the conditions that the caller knows and those that are known here.
    public func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision {
        let (policy, conditions) = inForce(conditions)
        return policy.decide(request, facts: facts, conditions: conditions, now: now)
    }

    /// The policy with the conditions that hold for it: whether the data were restored.
    public func inForce(_ given: AdmissionConditions) -> (policy: Policy, conditions: AdmissionConditions) {
        var conditions = given
        conditions.restoredAt = restoredAt
        return (policy, conditions)
    }

    public func expiresAt(_ message: Message) -> Instant? {
        // The commonest answer needs no look at the policy.
        message.draft.expiresAt ?? policy.category(message.draft.category).expiresAt(message)
    }

    public func resendsUnknown(category: String) -> Bool { policy.category(category).unknownOutcome == .resendOnce }
}
