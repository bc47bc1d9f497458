import SobreModel
import SobreStore
import Synchronization

/// The real store, except that it refuses to record one message's outcomes, always or a given number of times.
final class RefusingStore: QueueStore {
    private let store: any QueueStore
    private let message: MessageID?
    private let code: StoreError.Code
    private let times: Int
    private let count = Mutex(0)
    private let life = Mutex(Duration.zero)

    init(
        _ store: any QueueStore, refuses message: MessageID? = nil, code: StoreError.Code = .internal,
        times: Int = .max
    ) {
        self.store = store
        self.message = message
        self.code = code
        self.times = times
    }

    var incarnation: NodeIncarnation { store.incarnation }
    var changes: RecentChanges { store.changes }
    var pausesInForce: PausesInForce { store.pausesInForce }
    /// The number of refusals so far.
    var refusals: Int { count.withLock { $0 } }
    /// The attempt timeout of the last admission.
    var attemptLife: Duration { life.withLock { $0 } }

    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] {
        if outcomes.contains(where: { $0.delivery.message == message }), refusals < times {
            count.withLock { $0 += 1 }
            throw StoreError(code, "It was told to refuse.")
        }
        return try await store.record(outcomes)
    }

    func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        try await store.claim(limit: limit, lease: lease, channels: channels, least: least)
    }

    func giveBack(_ claims: [Claim]) async { await store.giveBack(claims) }

    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        life.withLock { $0 = attemptTimeout }
        return try await store.admit(
            requests, policyVersion: policyVersion, horizon: horizon, attemptTimeout: attemptTimeout, deciding: decide)
    }

    func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool] {
        try await store.settle(transitions)
    }

    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await store.overdueAttempts(limit: limit)
    }

    func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        try await store.attachments(of: message)
    }

    func nextDueAt() async throws(StoreError) -> Instant? { try await store.nextDueAt() }
    func waitForWork(atMost: Duration, least: Priority) async { await store.waitForWork(atMost: atMost, least: least) }
    func depth() async throws(StoreError) -> QueueDepth { try await store.depth() }
}
