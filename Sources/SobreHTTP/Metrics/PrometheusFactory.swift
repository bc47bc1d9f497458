public import Metrics
import Synchronization

/// A swift-metrics backend that keeps values in memory and renders them in the Prometheus text format 0.0.4.
///
/// Supports counters, gauges and histograms with fixed buckets. Recording takes one atomic operation or a short lock.
/// Characters that Prometheus does not allow in names are replaced. At most ``maxSeries`` series are kept; further ones
/// are counted in `sobre_metrics_dropped_series` and discarded, so that a high-cardinality dimension cannot exhaust the
/// memory.
public final class PrometheusFactory: MetricsFactory {
    /// The maximum number of series.
    public let maxSeries: Int
    private let state = Mutex(State())

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var dropped = 0
    }

    private struct Family {
        var kind: SeriesKind
        var series: [String: any Series] = [:]
    }

    /// Makes an empty registry; `maxSeries` defaults to 5,000.
    public init(maxSeries: Int = 5_000) { self.maxSeries = maxSeries }

    /// See `MetricsFactory`.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(.counter, label, dimensions) { CounterSeries() }
    }

    /// See `MetricsFactory`.
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(.counter, label, dimensions) { FloatingPointCounterSeries() }
    }

    /// See `MetricsFactory`.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(.gauge, label, dimensions) { GaugeSeries() }
    }

    /// See `MetricsFactory`. Without aggregation the recorder is a gauge that keeps the last value.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            series(.histogram, label, dimensions) { HistogramSeries(buckets: HistogramSeries.amounts) }
        } else {
            series(.gauge, label, dimensions) { GaugeSeries() }
        }
    }

    /// See `MetricsFactory`. Timers are histograms in seconds. `_seconds` is appended to a label that does not end with
    /// it.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let label = label.hasSuffix("_seconds") ? label : label + "_seconds"
        return series(.histogram, label, dimensions) { HistogramSeries(buckets: HistogramSeries.seconds) }
    }

    /// See `MetricsFactory`. Series are kept until the process ends, as Prometheus expects of counters.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// See `MetricsFactory`.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// See `MetricsFactory`.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// See `MetricsFactory`.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// See `MetricsFactory`.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Renders all series, with families and series in alphabetical order.
    public func render() -> String {
        let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            Self.writeHead(of: name, family.kind, to: &text)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &text)
            }
        }
        Self.writeHead(of: "sobre_metrics_dropped_series", .gauge, to: &text)
        text += "sobre_metrics_dropped_series \(dropped)\n"
        return text
    }

    private static func writeHead(of name: String, _ kind: SeriesKind, to text: inout String) {
        if let help = MetricHelp.text(of: name) { text += "# HELP \(name) \(help)\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    private func series<S: Series>(
        _ kind: SeriesKind, _ label: String, _ dimensions: [(String, String)], _ make: () -> S
    ) -> S {
        let name = PrometheusText.name(label)
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            if let family = state.families[name] {
                if let known = family.series[labels] as? S { return known }
                // One name cannot have two types. A second type is discarded.
                if family.kind != kind {
                    state.dropped += 1
                    return make()
                }
            }
            guard state.count < maxSeries else {
                state.dropped += 1
                return make()
            }
            let series = make()
            state.families[name, default: Family(kind: kind)].series[labels] = series
            state.count += 1
            return series
        }
    }
}

enum SeriesKind: String {
    case counter, gauge, histogram
}

/// One series: a family's name with one set of labels.
protocol Series: AnyObject, Sendable {
    /// Appends the lines of the series. `labels` is `a="b",c="d"` or empty.
    func write(name: String, labels: String, to text: inout String)
}
