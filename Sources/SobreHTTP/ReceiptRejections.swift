import Logging
import Metrics
import Synchronization

/// Counts refused receipts and raises the alarm: at once, then at most once a second with what came meanwhile.
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

    /// Refused receipts since the start, by reason.
    var counts: [(reason: String, count: Int)] {
        state.withLock { state in state.series.map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 } }
    }

    /// - Parameters:
    ///   - provider: one that is configured; others share a name, so that a stranger cannot invent series.
    ///   - reason: one of few.
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
