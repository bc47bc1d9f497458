import Metrics
import Synchronization

/// Counts refusals by reason, for the metrics and the status.
final class Refusals: Sendable {
    private let counters: [Refusal: Counter]
    private let counts = Mutex<[Refusal: Int]>([:])

    init(factory: PrometheusFactory) {
        counters = Dictionary(
            uniqueKeysWithValues: Refusal.allCases.map { reason in
                let labels = [("reason", reason.rawValue)]
                return (reason, Counter(label: "sobre_http_refused_total", dimensions: labels, factory: factory))
            })
    }

    func count(_ reason: Refusal) {
        counters[reason]?.increment()
        counts.withLock { $0[reason, default: 0] += 1 }
    }

    /// The counts by label; reasons that never occurred are absent.
    var all: [String: Int] {
        counts.withLock { Dictionary(uniqueKeysWithValues: $0.map { ($0.key.rawValue, $0.value) }) }
    }
}
