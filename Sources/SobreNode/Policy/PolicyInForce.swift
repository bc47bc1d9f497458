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

    public func decide(_ request: AdmissionRequest, facts: AdmissionFacts, at now: Instant) -> AdmissionDecision {
        let state = current.withLock { $0 }
        var decision = state.policy.decide(request, facts: facts, now: now)
        if state.isChanging, case .send = decision.verdict {
            decision.verdict = .hold(until: now + .milliseconds(50), .policyError)
            decision.summary = "a new version of the policy is being put in force; it is decided anew"
        }
        return afterRestore(decision, request.message, at: now)
    }

    /// Holds what may have gone out before, and what caps restrain that do not know what else has, as long as the server
    /// runs on restored data.
    func afterRestore(_ decision: AdmissionDecision, _ message: Message, at now: Instant) -> AdmissionDecision {
        guard let restoredAt, case .send = decision.verdict else { return decision }
        var held = decision
        if message.acceptedAt < restoredAt {
            held.summary = "the data were restored from a backup: it may have been sent since then"
        } else if isCapped(message) {
            held.summary = "the data were restored from a backup: what else was sent since then is not known"
        } else {
            return decision
        }
        let dueAt = now + Self.restoredRecheck
        held.verdict = .hold(until: min(dueAt, expiresAt(message) ?? dueAt), .restored)
        return held
    }

    /// How often a message is looked at that waits for an operator to say that the restored data are good.
    private static let restoredRecheck = Duration.seconds(900)

    public func expiresAt(_ message: Message) -> Instant? {
        // The commonest answer needs no look at the policy.
        message.draft.expiresAt ?? policy.category(message.draft.category).expiresAt(message)
    }

    public func isCapped(_ message: Message) -> Bool {
        policy.category(message.draft.category).restrains(message.draft)
    }

    public func resendsUnknown(category: String) -> Bool { policy.category(category).unknownOutcome == .resendOnce }
}
