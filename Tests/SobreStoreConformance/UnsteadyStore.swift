public import SobreModel
public import SobreStore
import Synchronization

/// Does what the contract allows a store of many nodes, and what the embedded one never does: it decides a request
/// several times before the decision counts, splits a batch, and keeps no order between recipients.
public final class UnsteadyStore: StoreProxy {
    private struct State {
        var partsToFail: Int
        var unlikeDecisions = 0
        var discarded = 0
    }

    public let inner: any Store
    private let state: Mutex<State>

    /// - Parameters:
    ///   - inner: The store that it forwards to.
    ///   - partsToFail: How many of the later parts of split batches are not written.
    public init(_ inner: any Store, partsToFail: Int = 0) {
        self.inner = inner
        state = Mutex(State(partsToFail: partsToFail))
    }

    /// How often equal facts at the same time led to different decisions. Then the decider is not pure.
    public var unlikeDecisions: Int { state.withLock { $0.unlikeDecisions } }
    /// How many decisions were made and discarded.
    public var discarded: Int { state.withLock { $0.discarded } }
    public var partsToFail: Int { state.withLock { $0.partsToFail } }

    public func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        let claimed = try await inner.claim(limit: limit, lease: lease, channels: channels, least: least)
        return Self.lastPersonFirst(claimed.map(\.message.recipient)).flatMap { $0 }.map { claimed[$0] }
    }

    public func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        var results = [AdmissionResult](repeating: .stale, count: requests.count)
        let people = Self.lastPersonFirst(requests.map(\.message.recipient))
        var isWritten = false
        for part in [people.prefix(people.count / 2), people.dropFirst(people.count / 2)] {
            let indices = part.flatMap { $0 }
            do {
                if isWritten, !indices.isEmpty { try failIfWanted() }
                let decided = try await inner.admit(
                    indices.map { requests[$0] }, policyVersion: policyVersion, horizon: horizon,
                    attemptTimeout: attemptTimeout
                ) { [self] request, facts, now in repeatedly(request, facts, now, decide) }
                for (index, result) in zip(indices, decided) { results[index] = result }
                isWritten = isWritten || !indices.isEmpty
            } catch {
                if !isWritten { throw error }
                for index in indices { results[index] = .undecided(error) }
            }
        }
        return results
    }

    private func failIfWanted() throws(StoreError) {
        let fails = state.withLock { state in
            guard state.partsToFail > 0 else { return false }
            state.partsToFail -= 1
            return true
        }
        if fails { throw StoreError(.full, "The disk is full.") }
    }

    /// Decides like a retried transaction: first on facts that another node will have changed, then twice on the
    /// current facts.
    private func repeatedly(
        _ request: AdmissionRequest, _ facts: AdmissionFacts, _ now: Instant, _ decide: AdmissionDecider
    ) -> AdmissionDecision {
        var before = facts
        before.ledger = []
        before.suppressions = []
        _ = decide(request, before, now - .seconds(1))
        let first = decide(request, facts, now)
        let last = decide(request, facts, now)
        let isLike =
            first.verdict == last.verdict && first.policyVersion == last.policyVersion
            && first.furtherAddresses == last.furtherAddresses && first.explanation == last.explanation
            && first.summary == last.summary
        state.withLock { state in
            state.discarded += 2
            if !isLike { state.unlikeDecisions += 1 }
        }
        return last
    }

    /// The indices of each recipient's entries, in their order. The recipient whose first entry comes last is first.
    private static func lastPersonFirst(_ recipients: [String]) -> [[Int]] {
        var places: [String: [Int]] = [:]
        for (index, recipient) in recipients.enumerated() { places[recipient, default: []].append(index) }
        return places.values.sorted { $0[0] > $1[0] }
    }
}
