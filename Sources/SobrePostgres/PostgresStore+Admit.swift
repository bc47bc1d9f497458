import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore {
    public func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        if requests.isEmpty { return [] }
        let plan = AdmissionPlan(
            requests: requests, policyVersion: policyVersion, horizon: horizon, attemptTimeout: attemptTimeout,
            decide: decide)
        var locked: Set<Int> = []
        for _ in 0..<max(1, configuration.maxTries) {
            let buckets = locked
            let answer = try await transact { connection in
                try AdmissionTransaction(self, plan, connection).run(locking: buckets)
            }
            switch answer {
            case .decided(let results):
                endClaims(of: requests, results)
                return results
            case .again(let wider): locked.formUnion(wider)
            }
        }
        throw StoreError(.overloaded, "Others change the same recipients at the same time; try again shortly.")
    }

    private func endClaims(of requests: [AdmissionRequest], _ results: [AdmissionResult]) {
        var ended: [Claim] = []
        var waits = false
        for (request, result) in zip(requests, results) {
            switch result {
            case .admitted: ended.append(request.claim)
            case .settled:
                ended.append(request.claim)
                waits = true
            case .rerouted, .stale, .policyChanged, .undecided: break
            }
        }
        claims.end(ended)
        if waits { work.signal() }
    }
}

extension AdmissionRequest {
    var claim: Claim { Claim(delivery: delivery, epoch: epoch) }
}

/// What is to be decided, and by what.
struct AdmissionPlan: Sendable {
    var requests: [AdmissionRequest]
    var policyVersion: Int
    var horizon: Duration
    var attemptTimeout: Duration
    var decide: AdmissionDecider
}
