import Metrics
import Synchronization

/// A count that only grows.
final class CounterSeries: Series, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        value.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { value.store(0, ordering: .relaxed) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(PrometheusText.head(name, labels)) \(value.load(ordering: .relaxed))\n"
    }
}

/// A sum that only grows.
final class FloatingPointCounterSeries: Series, FloatingPointCounterHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(PrometheusText.head(name, labels)) \(PrometheusText.number(value.withLock { $0 }))\n"
    }
}

/// A value that goes up and down.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func write(name: String, labels: String, to text: inout String) {
        text += "\(PrometheusText.head(name, labels)) \(PrometheusText.number(value.withLock { $0 }))\n"
    }
}

/// The distribution of values over fixed buckets.
final class HistogramSeries: Series, RecorderHandler, TimerHandler {
    /// Bounds for durations in seconds, from 10 µs (about the time of one decision) to 30 s, and from there to a day for
    /// how long messages wait.
    static let seconds = [
        0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
        1, 2.5, 5, 10, 30, 120, 600, 3_600, 86_400,
    ]
    /// Bounds for amounts such as batch sizes.
    static let amounts: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 10_000, 100_000]

    private struct State {
        var counts: [Int]
        var count = 0
        var sum = 0.0
    }

    private let buckets: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        self.buckets = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = buckets.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func write(name: String, labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        var cumulated = 0
        for (bound, count) in zip(buckets, state.counts) {
            cumulated += count
            let bucket = "le=\"\(PrometheusText.number(bound))\""
            text += "\(PrometheusText.head(name + "_bucket", labels, bucket)) \(cumulated)\n"
        }
        text += "\(PrometheusText.head(name + "_bucket", labels, "le=\"+Inf\"")) \(state.count)\n"
        text += "\(PrometheusText.head(name + "_sum", labels)) \(PrometheusText.number(state.sum))\n"
        text += "\(PrometheusText.head(name + "_count", labels)) \(state.count)\n"
    }
}
