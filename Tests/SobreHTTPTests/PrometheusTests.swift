import Metrics
import SobreHTTP
import Testing

@Suite struct PrometheusTests {
    @Test func `Every kind of metric is written in Prometheus' form`() {
        let factory = PrometheusFactory()
        let counter = Counter(
            label: "sobre.sent-total", dimensions: [("channel", "sms"), ("a", "x\"y\\z\nw")], factory: factory)
        counter.increment(by: 3)
        counter.increment()
        let gauge = Meter(label: "depth", factory: factory)
        gauge.set(7)
        gauge.decrement()
        let recorder = Recorder(label: "batch", dimensions: [], aggregate: true, factory: factory)
        recorder.record(3)
        recorder.record(700)
        let timer = Timer(label: "latency", dimensions: [], factory: factory)
        timer.recordMilliseconds(3)
        let text = factory.render()
        #expect(
            text.contains(
                "# TYPE sobre_sent_total counter\nsobre_sent_total{a=\"x\\\"y\\\\z\\nw\",channel=\"sms\"} 4\n"))
        #expect(text.contains("# TYPE depth gauge\ndepth 6\n"))
        #expect(text.contains("batch_bucket{le=\"2\"} 0\nbatch_bucket{le=\"5\"} 1\n"))
        #expect(text.contains("batch_bucket{le=\"500\"} 1\nbatch_bucket{le=\"1000\"} 2\n"))
        #expect(text.contains("batch_bucket{le=\"+Inf\"} 2\nbatch_sum 703\nbatch_count 2\n"))
        #expect(text.contains("latency_seconds_bucket{le=\"0.0025\"} 0\nlatency_seconds_bucket{le=\"0.005\"} 1\n"))
        #expect(text.contains("latency_seconds_sum 0.003\n"))
    }

    @Test func `The same label and dimensions are one series`() {
        let factory = PrometheusFactory()
        Counter(label: "c", dimensions: [("x", "1"), ("y", "2")], factory: factory).increment()
        Counter(label: "c", dimensions: [("y", "2"), ("x", "1")], factory: factory).increment()
        #expect(factory.render().contains("c{x=\"1\",y=\"2\"} 2\n"))
    }

    @Test func `Series have a bound, and what is over it is counted`() {
        let factory = PrometheusFactory(maxSeries: 2)
        for index in 0..<5 { Counter(label: "c", dimensions: [("i", "\(index)")], factory: factory).increment() }
        let text = factory.render()
        #expect(text.contains("c{i=\"1\"} 1\n"))
        #expect(!text.contains("c{i=\"2\"}"))
        #expect(text.contains("sobre_metrics_dropped_series 3\n"))
    }

    @Test func `Counting from many threads loses nothing`() async {
        let factory = PrometheusFactory()
        let counter = Counter(label: "c", factory: factory)
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1_000 { counter.increment() } } }
        }
        #expect(factory.render().contains("c 8000\n"))
    }
}
