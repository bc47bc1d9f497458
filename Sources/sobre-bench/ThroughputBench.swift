import ChildProcess
import Glibc
import TestBed

/// Messages per second from enqueue to recorded, over HTTP intake, SQLite with full sync, rendering, deciding and
/// libcurl.
struct ThroughputBench {
    let executable: String
    let messages: Int

    private static let people = 10_000
    private static let connections = 32
    /// A machine's speed varies from one second to the next. Each figure is the median of this many rounds, run
    /// alternately.
    private static let rounds = 3
    /// Larger transactions, at the price of more attempts that a crash leaves unknown.
    private static let wide = "batch: 1024, in_flight: 4096"

    /// What one run of the line took.
    private struct Measurement {
        /// Messages a second, from the first enqueue until the last is recorded.
        var rate: Double
        /// The server's processor time for each message, in microseconds.
        var processorMicroseconds: Double
        /// The bytes written to the disk for each message.
        var bytes: Double
    }

    func run() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        let url = "http://127.0.0.1:\(sink.port)/2010-04-01/Accounts/AC1/Messages.json"
        var bares: [BareLoop.Measurement] = []
        var lines: [Measurement] = []
        var wides: [Measurement] = []
        for _ in 0..<Self.rounds {
            bares.append(try BareLoop.run(url: url, count: messages, connections: Self.connections))
            lines.append(try await throughLine(sinkPort: sink.port, dispatch: nil))
            wides.append(try await throughLine(sinkPort: sink.port, dispatch: Self.wide))
        }
        let bareRates = bares.map(\.messagesPerSecond)
        let (bare, line) = (SobreBench.median(bareRates), SobreBench.median(lines.map(\.rate)))
        let wide = SobreBench.median(wides.map(\.rate))
        let bareProcessor = SobreBench.median(bares.map(\.cpuMicrosecondsPerMessage))
        let lineProcessor = SobreBench.median(lines.map(\.processorMicroseconds))
        print(
            "bare loop: \(bareRates.map { Int($0) }), line: \(lines.map { Int($0.rate) }); "
                + "the sink counted \(sink.requests) requests")
        SobreBench.report("bare-libcurl-loop", bare, "messages/s")
        SobreBench.report("line", line, "messages/s", ratio: line / bare, base: "bare-libcurl-loop")
        SobreBench.report("bare-libcurl-loop-cpu", bareProcessor, "us a message")
        SobreBench.report(
            "line-cpu", lineProcessor, "us a message", ratio: lineProcessor / bareProcessor,
            base: "bare-libcurl-loop-cpu")
        SobreBench.report("line-bytes-written", SobreBench.median(lines.map(\.bytes)), "bytes a message")
        SobreBench.report("line-wide", wide, "messages/s", ratio: wide / bare, base: "bare-libcurl-loop")
    }

    /// The line's speed, in one round.
    func speed() async throws -> Double {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        return try await throughLine(sinkPort: sink.port, dispatch: nil).rate
    }

    /// The line where a cap refuses seven of ten messages, beside the line where all are sent.
    func runRefused() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        var all: [Double] = []
        var few: [Double] = []
        for _ in 0..<Self.rounds {
            all.append(try await throughLine(sinkPort: sink.port, dispatch: nil).rate)
            let capLimit = max(1, messages * 3 / 10 / Self.people)
            few.append(try await throughLine(sinkPort: sink.port, dispatch: nil, capLimit: capLimit).rate)
        }
        let (sent, refused) = (SobreBench.median(all), SobreBench.median(few))
        print("all sent: \(all.map { Int($0) }), 70 % refused: \(few.map { Int($0) })")
        SobreBench.report("all-sent", sent, "messages/s")
        SobreBench.report("refused", refused, "messages/s", ratio: refused / sent, base: "all-sent")
    }

    private func throughLine(
        sinkPort: Int, dispatch: String?, capLimit: Int = 1_000
    ) async throws -> Measurement {
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("bench"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.writeConfiguration(
            capLimit: capLimit, capWindow: "1d", resendAfter: "30s", sink: sinkPort, dispatch: dispatch)
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: Self.people)
        let offers = OfferBatch(name: "bench", campaign: "bench")
        let batches = offers.batches(of: messages, people: Self.people)
        let processor = ProcessMeter(bed.server!.processID)
        let start = ContinuousClock.now
        try await bed.enqueue(batches)
        let enqueued = ContinuousClock.now - start
        try await bed.waitUntilSettled(messages)
        let elapsed = ContinuousClock.now - start
        let seconds = processor.seconds
        let bytes = Double(processor.writtenBytes) / Double(messages)
        print(
            "\(dispatch ?? "settings as shipped"): enqueued within \(enqueued), recorded within \(elapsed); "
                + "server CPU \(seconds) s, \(Int(bytes)) bytes written a message")
        return Measurement(
            rate: Double(messages) / (elapsed / .seconds(1)), processorMicroseconds: seconds * 1e6 / Double(messages),
            bytes: bytes)
    }
}
