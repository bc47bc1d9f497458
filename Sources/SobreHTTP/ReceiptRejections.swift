import Logging
import Metrics
import Synchronization

/// Counts rejected receipts and logs a warning: the first at once, then at most one a second with the number since the
/// last.
final class ReceiptRejections: Sendable {
    private struct Series: Sendable {
        var counter: Counter
        var count: Int
    }

    private struct State {
        var series: [String: Series] = [:]
        var silencedUntil: ContinuousClock.Instant?
        var unsaid = 0
    }

    private let state = Mutex(State())
    private let factory: PrometheusFactory
    private let logger: Logger

    init(factory: PrometheusFactory, logger: Logger) {
        self.factory = factory
        self.logger = logger
    }

    /// Rejected receipts since the start, by provider and reason.
    var counts: [(reason: String, count: Int)] {
        state.withLock { state in state.series.map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 } }
    }

    /// - Parameters:
    ///   - provider: a configured provider. Unconfigured ones must share one name, so that a caller cannot create
    ///     series.
    ///   - reason: one of a small fixed set.
    func count(provider: String, reason: String) {
        let now = ContinuousClock.now
        let total: Int? = state.withLock { state in
            let key = "\(provider): \(reason)"
            if state.series[key] == nil {
                let counter = Counter(
                    label: "sobre_receipts_rejected_total", dimensions: [("provider", provider), ("reason", reason)],
                    factory: factory)
                state.series[key] = Series(counter: counter, count: 0)
            }
            state.series[key]?.counter.increment()
            state.series[key]?.count += 1
            state.unsaid += 1
            if let until = state.silencedUntil, now < until { return nil }
            state.silencedUntil = now + .seconds(1)
            defer { state.unsaid = 0 }
            return state.unsaid
        }
        guard let total else { return }
        logger.warning(
            "receipts rejected", metadata: ["provider": "\(provider)", "why": "\(reason)", "count": "\(total)"])
    }
}
