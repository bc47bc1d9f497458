public import SobreAdmission
public import SobreDispatch
public import SobreModel
public import SobreStore
import Synchronization

/// The policy in force. It is read from its file, registered with the store and always replaced as a whole.
public final class PolicyInForce: DeliveryDeciding {
    private struct State {
        var policy: Policy
        /// The newest text that was read, whether it could be put in force or not.
        var seen: String
        /// The text of the policy in force; empty: it is not known.
        var text: String
        /// A text that is waited for to rest, and since when it has.
        var candidate: (text: String, since: ContinuousClock.Instant)?
    }

    private let current: Mutex<State>
    /// When the server was started on data restored from a backup. What was sent after the backup is not in the data.
    /// Nil when the data were not restored.
    public let restoredAt: Instant?
    /// The channels that take a free text only for a while after the recipient's last message.
    private let replyWindows: @Sendable () -> ReplyWindows?

    /// Reads a version from the store. Nil when it is not there, or when this program does not understand it.
    private let stored: @Sendable (_ version: Int) async throws(StoreError) -> Policy?

    public init(
        _ policy: Policy, text: String = "", restoredAt: Instant? = nil,
        stored: @escaping @Sendable (_ version: Int) async throws(StoreError) -> Policy? = { _ in nil },
        replyWindows: @escaping @Sendable () -> ReplyWindows? = { nil }
    ) {
        current = Mutex(State(policy: policy, seen: text, text: text))
        self.restoredAt = restoredAt
        self.replyWindows = replyWindows
        self.stored = stored
    }

    public var policy: Policy { current.withLock { $0.policy } }

    /// Whether this text was the last one read. If so, there is nothing to do and no error to report again.
    public func hasSeen(_ text: String) -> Bool { current.withLock { $0.seen == text } }

    public func see(_ text: String) { current.withLock { $0.seen = text } }

    /// The text of the policy in force; empty: it is not known.
    public var text: String { current.withLock { $0.text } }

    /// Whether a text has been read without a change for a while, so that nobody is writing it any more.
    ///
    /// - Parameters:
    ///   - text: what the file holds now.
    ///   - length: how long it must have been so.
    ///   - now: the time of the reading.
    /// - Returns: whether it has been the same for so long.
    public func rests(
        _ text: String, for length: Duration, at now: ContinuousClock.Instant = .now
    ) -> Bool {
        current.withLock { state in
            if let candidate = state.candidate, candidate.text == text { return now - candidate.since >= length }
            state.candidate = (text, now)
            return length <= .zero
        }
    }

    public var version: Int { policy.version }

    /// Stores a newer version and puts it in force. Nothing is sent in between: once a newer version is committed, the
    /// store rejects decisions under an older one.
    public func replace(
        with policy: Policy, text: String = "", storing store: () async throws -> Int
    ) async throws -> Int {
        let version = try await store()
        put(policy.with(version: version), text)
        return version
    }

    /// Puts the newest version in force that the store has, whichever process stored it.
    public func follow(version: Int) async throws(StoreError) {
        if version <= self.version { return }
        guard let policy = try await stored(version) else {
            throw StoreError(
                .incompatible,
                "Version \(version) of the policy is in force, but this server cannot read it. Nothing is sent until it "
                    + "can. Use the newest Sobre on every server, or store another policy.")
        }
        put(policy, nil)
    }

    /// Puts a policy in force unless a newer one is. `text` is nil when another server stored the policy and this one's
    /// file has been read already.
    private func put(_ policy: Policy, _ text: String?) {
        current.withLock { state in
            guard state.policy.version <= policy.version else { return }
            state.policy = policy
            state.text = text ?? ""
            if let text { state.seen = text }
            state.candidate = nil
        }
    }

    public var horizon: Duration { policy.horizon }

    /// Makes the whole decision, under the caller's conditions and those known here.
    public func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision {
        let (policy, conditions) = inForce(conditions)
        return policy.decide(request, facts: facts, conditions: conditions, now: now)
    }

    /// The policy in force, and the given conditions with the time of a restore and the windows for free texts added.
    public func inForce(_ given: AdmissionConditions) -> (policy: Policy, conditions: AdmissionConditions) {
        var conditions = given
        conditions.restoredAt = restoredAt
        conditions.replyWindows = replyWindows()
        return (policy, conditions)
    }

    public func expiresAt(_ message: Message) -> Instant? {
        // Most messages need no look at the policy.
        message.draft.expiresAt ?? policy.category(message.draft.category).expiresAt(message)
    }

    public func resendsUnknown(category: String) -> Bool { policy.category(category).unknownOutcome == .resendOnce }
}
