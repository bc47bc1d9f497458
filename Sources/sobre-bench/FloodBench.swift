import ChildProcess
import JSON
import TestBed

/// How long a caller with a key waits while strangers flood the server, and how much memory the server keeps afterwards.
///
/// The server runs under a limit of 1,024 descriptors. Each flood comes from the same address as the caller with the
/// key, which connects anew for every second request.
struct FloodBench {
    let executable: String

    private static let requests = 600
    private static let floods: [(name: String, connections: Int, kind: Flood.Kind)] = [
        ("bodies", 300, .bodies(path: "/v1/receipts/x", bytes: 1 << 20)),
        ("signed-bodies", 300, .bodies(path: "/v1/receipts/twilio", bytes: 1 << 20)),
        ("idle", 1_100, .idle),
        ("slow-writers", 1_100, .slowHeaders),
        ("requests", 600, .requests(path: "/health/ready")),
    ]

    func run() async throws {
        let sink = try LeanSink.start(program: CommandLine.arguments[0])
        defer { sink.stop() }
        let bed = try TestBed(executable: executable, folder: try Files.temporaryFolder("floods"))
        defer { BenchFolder.remove(bed.folder) }
        try bed.writeConfiguration(capLimit: 1_000_000, capWindow: "30d", resendAfter: "30s", sink: sink.port)
        try bed.startServer(
            environment: TestBed.secrets, wrapper: ["/bin/sh", "-c", "ulimit -n 1024; exec \"$@\"", "sh"])
        defer { bed.stopServer() }
        try await bed.putProfiles(count: 100)
        let key = try await makeKey(bed)
        _ = try await latencies(bed, key, name: "warm")
        guard let server = bed.server else { throw TestBed.Failure("the server does not run") }
        let meter = ProcessMeter(server.processID)
        let quiet = try await latencies(bed, key, name: "quiet")
        SobreBench.report("floods-quiet-p99", quiet, "ms")
        let before = meter.residentMB.now
        for flood in Self.floods {
            let running = Flood(port: bed.serverPort, connections: flood.connections, flood.kind)
            try await Task.sleep(for: .seconds(2))
            let p99 = try await latencies(bed, key, name: flood.name)
            let during = meter.residentMB.now
            let (opened, answers) = (running.opened, running.answers)
            running.stop()
            try await Task.sleep(for: .seconds(5))
            print(
                "\(flood.name): \(opened) connections, answers \(answers.sorted { $0.key < $1.key }), "
                    + "memory \(before) MB before, \(during) during, \(meter.residentMB.now) after")
            SobreBench.report("floods-\(flood.name)-p99", p99, "ms", ratio: p99 / 200, base: "200 ms")
        }
        let kept = Double(meter.residentMB.now - before)
        SobreBench.report("floods-memory-kept", kept, "MB", ratio: kept / 50, base: "50 MB")
    }

    private func makeKey(_ bed: TestBed) async throws -> (name: String, value: String) {
        let answer = await bed.client.send(
            "POST", "\(bed.serverURL)/v1/keys", body: Array(#"{"label":"bench","scopes":["enqueue","admin"]}"#.utf8))
        guard let key = try answer?.json()["key"]?.string else {
            throw TestBed.Failure("no key was made: \(answer?.text ?? "no answer")")
        }
        return ("Authorization", "Bearer \(key)")
    }

    /// The 99th percentile of the time of one enqueue, in milliseconds. Throws unless all are accepted.
    private func latencies(_ bed: TestBed, _ key: (name: String, value: String), name: String) async throws -> Double {
        var times: [Double] = []
        let offers = OfferBatch(name: name, isKeyed: false)
        for number in 0..<Self.requests {
            let line = offers.lines(number..<number + 1) { TestBed.person($0 % 100) }
            let headers = number.isMultiple(of: 2) ? [key, ("Connection", "close")] : [key]
            let begun = ContinuousClock.now
            let answer = await bed.client.send(
                "POST", "\(bed.serverURL)/v1/messages", body: line, type: "application/x-ndjson", headers: headers)
            times.append((ContinuousClock.now - begun) / .milliseconds(1))
            guard answer?.status == 202 else {
                throw TestBed.Failure(
                    "\(name): a keyed enqueue was answered \(answer?.status ?? 0): \(answer?.text ?? "")")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        times.sort()
        return times[times.count * 99 / 100]
    }
}
