import ChildProcess
import TestBed

/// How long a single transactional message takes from its POST to the provider: at rest, and while marketing goes out at
/// half of the line's speed over the same provider with many more waiting.
struct LatencyBench {
    let executable: String
    /// How many marketing messages wait.
    let backlog: Int

    private static let people = 10_000
    private static let messages = 1_000

    func run() async throws {
        let line = try await ThroughputBench(executable: executable, messages: 50_000).speed()
        let sink = try LeanSink.start(program: CommandLine.arguments[0], isMarked: true)
        defer { sink.stop() }
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("otp"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.writeConfiguration(capLimit: 1_000, capWindow: "1d", resendAfter: "30s", sink: sink.port)
        let secrets = "    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}\n"
        try bed.changeSettings([
            (
                secrets + "    limits: {rate: 1000000/s, burst: 100000, concurrency: 8192}\n",
                secrets + "    limits: {rate: \(Int(line / 2))/s, burst: 10}\n"
            )
        ])
        // The words of the message carry the mark that the sink looks for.
        try Files.write("Code \(LeanSink.mark){{ order_id }}.", to: "\(bed.folder)/templates/receipt/sms.liquid")
        try bed.startServer(environment: TestBed.secrets)
        defer { bed.stopServer() }
        try await bed.putProfiles(count: Self.people)
        let rest = try await latencies(bed, sink, from: 0, count: Self.messages / 4)
        report("otp-rest", rest, aims: (5, nil))
        try await bed.enqueue(OfferBatch(name: "backlog", campaign: "b").batches(of: backlog, people: Self.people))
        let (before, begun) = (try await bed.settled, ContinuousClock.now)
        let busy = try await latencies(bed, sink, from: Self.messages, count: Self.messages)
        let after = try await bed.settled
        let rate = Double(after - before) / ((ContinuousClock.now - begun) / .seconds(1))
        print("marketing went out at \(Int(rate))/s of a line of \(Int(line))/s; \(backlog - after) wait")
        report("otp", busy, aims: (10, 60))
    }

    private func report(_ name: String, _ times: [Double], aims: (p50: Double, p99: Double?)) {
        func part(_ share: Int) -> Double { times[min(times.count - 1, times.count * share / 100)] }
        SobreBench.report("\(name)-p50", part(50), "ms", ratio: part(50) / aims.p50, base: "\(Int(aims.p50)) ms")
        SobreBench.report(
            "\(name)-p99", part(99), "ms", ratio: aims.p99.map { part(99) / $0 },
            base: aims.p99.map { "\(Int($0)) ms" } ?? "none")
    }

    /// The times from the beginning of the POST to the arrival at the provider in milliseconds, in order.
    private func latencies(
        _ bed: TestBed, _ sink: LeanSinkProcess, from first: Int, count: Int
    ) async throws -> [Double] {
        let codes = OfferBatch(
            name: "otp", isKeyed: false, template: "receipt", category: "transactional")
        var begun: [Int: Int] = [:]
        for number in first..<first + count {
            let line = codes.lines(number..<number + 1) { TestBed.person($0 % Self.people) }
            begun[number] = LeanSink.microseconds
            try await bed.client.enqueue(line, at: bed.serverURL)
            try await Task.sleep(for: .milliseconds(20))
        }
        try await Task.sleep(for: .seconds(2))
        let arrivals = sink.arrivals
        let times = begun.compactMap { number, start in arrivals[number].map { Double($0 - start) / 1_000 } }
        guard times.count == count else {
            throw TestBed.Failure("\(count - times.count) of \(count) messages did not arrive within two seconds")
        }
        return times.sorted()
    }
}
