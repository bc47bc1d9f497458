import SobreModel
import SobreStore
import SobreStoreConformance
import Synchronization

/// Several nodes on one store in one process. Each handle has its own incarnation, and an attempt belongs to its owner
/// until the owner has closed.
final class SharedNodes: Sendable {
    private struct State {
        var incarnations: Int64 = 0
        var live: Set<NodeIncarnation> = []
        var owners: [Int64: NodeIncarnation] = [:]
    }

    let store: any Store
    private let state = Mutex(State())

    init(_ store: any Store) { self.store = store }

    func join() -> SharedNode {
        let incarnation = state.withLock { state in
            state.incarnations += 1
            let incarnation = NodeIncarnation(rawValue: state.incarnations)
            state.live.insert(incarnation)
            return incarnation
        }
        return SharedNode(nodes: self, incarnation: incarnation)
    }

    func own(_ attempts: [Int64], _ owner: NodeIncarnation) {
        state.withLock { state in for attempt in attempts { state.owners[attempt] = owner } }
    }

    func owner(of attempt: Int64) -> NodeIncarnation? { state.withLock { $0.owners[attempt] } }

    /// Whether a node may record an attempt: its own, or one of a node that is gone.
    func isOpen(_ attempt: Int64, to node: NodeIncarnation) -> Bool {
        state.withLock { state in
            guard let owner = state.owners[attempt] else { return false }
            return owner == node || !state.live.contains(owner)
        }
    }

    /// Removes a node. Returns whether it was the last one.
    func leave(_ node: NodeIncarnation) -> Bool {
        state.withLock { state in
            state.live.remove(node)
            return state.live.isEmpty
        }
    }
}

/// One node's handle.
struct SharedNode: StoreProxy {
    let nodes: SharedNodes
    let incarnation: NodeIncarnation

    var inner: any Store { nodes.store }

    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        let results = try await inner.admit(
            requests, policyVersion: policyVersion, horizon: horizon, attemptTimeout: attemptTimeout, deciding: decide)
        return results.map { result in
            guard case .admitted(var attempt) = result else { return result }
            attempt.owner = incarnation
            nodes.own([attempt.ledgerID], incarnation)
            return .admitted(attempt)
        }
    }

    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] {
        var results: [Bool] = []
        for outcome in outcomes {
            let isOpen = nodes.isOpen(outcome.ledgerID, to: incarnation)
            results.append(isOpen ? try await inner.record([outcome])[0] : false)
        }
        return results
    }

    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await inner.overdueAttempts(limit: .max).filter { nodes.isOpen($0.ledgerID, to: incarnation) }
            .prefix(limit)
            .map { attempt in
                var attempt = attempt
                attempt.owner = nodes.owner(of: attempt.ledgerID) ?? attempt.owner
                return attempt
            }
    }

    func close() async { if nodes.leave(incarnation) { await inner.close() } }
}
