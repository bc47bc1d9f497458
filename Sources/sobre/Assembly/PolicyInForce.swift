import SobreAdmission
import SobreDispatch
import SobreModel
import SobreStore
import Synchronization
import ZoneInfo

/// The policy in force: read from its file, registered with the store, replaced as a whole.
final class PolicyInForce: DeliveryDeciding {
    private let current: Mutex<Policy>

    init(_ policy: Policy) { current = Mutex(policy) }

    var policy: Policy { current.withLock { $0 } }

    /// Puts a newer version in force; the next decision is made under it.
    func replace(with policy: Policy) { current.withLock { $0 = policy } }

    var horizon: Duration { policy.horizon }

    func decide(_ candidate: AdmissionCandidate, facts: AdmissionFacts, at now: Instant) -> AdmissionDecision {
        policy.decide(candidate, facts: facts, now: now)
    }

    func resendsUnknown(category: String) -> Bool { policy.category(category).unknownOutcome == .resendOnce }
}
