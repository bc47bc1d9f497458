import ChildProcess
import JSON
import MockBrokers
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// Messages from topics of Kafka to a real server, with librdkafka's mock brokers in a process of their own.
@Suite("Messages from a log", .serialized) struct SourceTests {
    private static let people = 60
    private static let perPartition = 1_000
    /// One record in so many cannot become a message.
    private static let rejectEvery = 100

    private static func value(_ key: String, _ person: Int) -> String {
        """
        {"idempotency_key": "\(key)", "recipient": "\(TestBed.person(person))", "template": "offer", \
        "category": "marketing", "channels": ["sms"], "dedup_key": "\(key)", "data": {"order_id": "\(key)"}}
        """
    }

    private static let partitions: [[String]] = (0..<3).map { partition in
        (0..<perPartition).map { number in
            number % rejectEvery == rejectEvery - 1
                ? "{\"recipient\": \"\(TestBed.person(0))\"" : value("\(partition)-\(number)", number % people)
        }
    }

    private static func bench(_ name: String, _ servers: String) throws -> CaseBench {
        let bench = try CaseBench(name, policy: "caps: []\n")
        try bench.bed.changeSettings([
            (
                "providers:\n  relay",
                """
                intake:
                  sources:
                    orders: {type: kafka, brokers: ["\(servers)"], topics: [orders], batch: 10, session_timeout: 6s}
                providers:
                  relay
                """
            )
        ])
        return bench
    }

    /// What the running server says of the only source.
    private static func source(_ bench: CaseBench) async throws -> JSONRef {
        let answer = try #require(await bench.bed.client.send("GET", "\(bench.bed.serverURL)/v1/sources"))
        return try #require(try answer.json()["sources"]?[0], "\(answer.text)")
    }

    /// Waits until the source satisfies a condition.
    private static func wait(
        _ bench: CaseBench, _ what: String, until isAsWanted: (JSONRef) -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while ContinuousClock.now < deadline {
            if isAsWanted(try await source(bench)) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("\(what): \(String(decoding: try await source(bench).rawBytes, as: UTF8.self))")
    }

    /// Waits until the metrics, which follow at an interval, say that the source is read.
    private static func showsReading(_ bench: CaseBench) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var lines: [Substring] = []
        while ContinuousClock.now < deadline {
            let metrics = try #require(await bench.bed.client.send("GET", "\(bench.bed.serverURL)/metrics")).text
            lines = metrics.split(separator: "\n").filter { $0.hasPrefix("sobre_source_state{") }
            if lines.contains(#"sobre_source_state{source="orders",state="reading"} 1"#) { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(lines)")
    }

    private static func stored(_ source: JSONRef) -> Int {
        source["partitions"].map { $0.elements.reduce(0) { $0 + ($1["next"]?.int ?? 0) } } ?? 0
    }

    @Test("Through kill -9 of the server, every record is one message or one rejected record")
    func crashes() async throws {
        let brokers = try await MockBrokers(topic: "orders", partitions: Self.partitions)
        defer { brokers.stop() }
        let bench = try Self.bench("sources", brokers.servers)
        let all = 3 * Self.perPartition
        try bench.start()
        try await bench.bed.putProfiles(count: Self.people)
        for part in 1...3 {
            try await Self.wait(bench, "a part is stored") { Self.stored($0) >= all * part / 5 }
            bench.bed.killServer()
            try bench.start()
        }
        try await Self.wait(bench, "everything is stored") { Self.stored($0) == all && $0["lag"]?.int == 0 }
        try await bench.settle(atMost: .seconds(90))
        let rejected = all / Self.rejectEvery
        let source = try await Self.source(bench)
        #expect(source["state"]?.string == "reading" && source["rejects"]?.int == rejected)
        try await Self.showsReading(bench)
        let page = try #require(
            await bench.bed.client.send("GET", "\(bench.bed.serverURL)/v1/sources/orders/rejects?limit=7"))
        let first = try #require(try page.json()["rejects"]?[0], "\(page.text)")
        #expect(first["code"]?.string == "invalid_json" && first["record"]?.string?.hasPrefix("{\"recipient\"") == true)
        #expect(try page.json()["next_before"] != nil)
        bench.bed.stopServer()
        // The receiving end is the judge: no message arrived twice.
        var wanted: [String: Int] = [:]
        for number in 0..<Self.perPartition where number % Self.rejectEvery != Self.rejectEvery - 1 {
            wanted[TestBed.person(number % Self.people), default: 0] += 3
        }
        let counts = try bench.counts()
        let twice = counts.filter { $0.value > wanted[$0.key] ?? 0 }
        #expect(twice.isEmpty, "\(twice)")
        let totals = try await bench.bed.totals()
        #expect(totals.values.reduce(0, +) == all - rejected, "\(totals)")
        // A call that was under way when the server was killed is unknown, and marketing is not repeated then.
        let sent = counts.values.reduce(0, +)
        let unknown = totals[.unknown] ?? 0
        #expect(sent <= all - rejected && sent >= all - rejected - unknown, "\(sent), \(totals)")
        #expect(totals[.sent, default: 0] + unknown == all - rejected, "\(totals)")
        let listed = try bench.bed.run(["sources", "rejects", "--config", "\(bench.bed.folder)/sobre.yaml"])
        #expect(listed.code == 0 && listed.output.contains("orders/2"), "\(listed.output)")
    }

    @Test("A broker that is away is a warning, and ends nothing")
    func away() async throws {
        let brokers = try await MockBrokers(topic: "orders", partitions: [["{}"]])
        defer { brokers.stop() }
        let bench = try Self.bench("sources-away", brokers.servers)
        try bench.start()
        try await Self.wait(bench, "it is read") { $0["rejects"]?.int == 1 }
        brokers.stop()
        try await Self.wait(bench, "it fails") { $0["state"]?.string == "failing" }
        let status = try #require(await bench.bed.client.send("GET", "\(bench.bed.serverURL)/v1/status")).text
        #expect(status.contains("The source orders fails and is tried again"), "\(status)")
        let ending = bench.bed.stopServer()
        #expect(ending == .exited(code: 0), "\(String(describing: ending))")
    }
}
