import Metrics

/// The metrics of one subscription to events.
struct EventMeters: Sendable {
    private let delivered: Counter
    private let taken: Counter
    private let failed: Counter
    private let duration: Metrics.Timer

    init(_ name: String) {
        let labels = [("subscription", name)]
        delivered = Counter(label: "sobre_events_delivered_total", dimensions: labels)
        taken = Counter(label: "sobre_events_requests_total", dimensions: labels + [("outcome", "taken")])
        failed = Counter(label: "sobre_events_requests_total", dimensions: labels + [("outcome", "failed")])
        duration = Timer(label: "sobre_events_request_seconds", dimensions: labels)
    }

    func note(_ answer: EventReceiver.Answer, took time: Duration, events: Int) {
        switch answer {
        case .notTried: return
        case .taken:
            taken.increment()
            delivered.increment(by: events)
        case .gone, .failed: failed.increment()
        }
        duration.record(duration: time)
    }
}
