import Metrics
import SobreModel
import SobreStore

/// Counts accepted deliveries on their way into the store, scheduled and due ones separately.
struct AcceptanceCounter: MessageStore {
    let store: any MessageStore
    let time: any TimeSource
    private let scheduled = Counter(label: "sobre_transitions_total", dimensions: [("state", "scheduled")])
    private let queued = Counter(label: "sobre_transitions_total", dimensions: [("state", "queued")])

    init(_ store: any MessageStore, time: any TimeSource) {
        self.store = store
        self.time = time
    }

    func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult] {
        let now = time.now()
        let results = try await store.enqueue(submissions)
        count(submissions, results, at: now)
        return results
    }

    /// Counts what was accepted.
    func count(_ submissions: [Submission], _ results: [SubmissionResult], at now: Instant) {
        for (submission, result) in zip(submissions, results) {
            guard case .accepted = result else { continue }
            let isLater = submission.draft.sendAt.map { $0 > now } ?? false
            (isLater ? scheduled : queued).increment(by: submission.draft.deliveryCount)
        }
    }

    func message(_ id: MessageID) async throws(StoreError) -> Message? { try await store.message(id) }

    func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        try await store.cancel(id)
    }

    func retry(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        try await store.retry(id)
    }
}
