import SobreDispatch
import SobreModel
import SobreNode
import SobreStore

/// The policy in force with one of its steps broken.
struct MutatedPolicy: DeliveryDeciding {
    let policy: PolicyInForce
    /// The same policy without control groups.
    let ungrouped: PolicyInForce
    let mutation: Mutation

    var version: Int { policy.version }
    var horizon: Duration { policy.horizon }

    func follow(version: Int) async throws(StoreError) { try await policy.follow(version: version) }

    func decide(
        _ request: AdmissionRequest, facts: AdmissionFacts, conditions: AdmissionConditions, at now: Instant
    ) -> AdmissionDecision {
        let isDrawnAnew = mutation == .groupsDrawnAnew && (request.message.id.rawValue >> 4) % 2 == 0
        return (isDrawnAnew ? ungrouped : policy).decide(request, facts: facts, conditions: conditions, at: now)
    }

    func expiresAt(_ message: Message) -> Instant? {
        mutation == .expiryNotChecked ? nil : policy.expiresAt(message)
    }

    func resendsUnknown(category: String) -> Bool {
        mutation == .resendsMarketing || policy.resendsUnknown(category: category)
    }
}
