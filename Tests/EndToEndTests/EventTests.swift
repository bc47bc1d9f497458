import ChildProcess
import Foundation
import JSON
import TestBed
import Testing

/// Webhooks of a real server to the receiver of the manual, which is run as it is printed.
@Suite("Events to other systems", .serialized) struct EventTests {
    private static let secret = "whsec_" + Data("a secret of thirty-two bytes....".utf8).base64EncodedString()

    private static func receiver() throws -> String {
        let page = try #require(Files.read(try Files.shipped("Sources/sobre/Documentation.docc/Events.md")))
        let parts = page.components(separatedBy: "```python\n")
        try #require(parts.count == 2, "the page has one program in Python")
        return parts[1].components(separatedBy: "\n```")[0] + "\n"
    }

    /// The receiver in a process of its own.
    private static func start(_ bench: CaseBench, port: Int) throws -> ChildProcess {
        let program = "\(bench.bed.folder)/receiver.py"
        try Files.write(try receiver(), to: program)
        return try ChildProcess(
            path: "/usr/bin/env", arguments: ["python3", program, "\(port)", "\(bench.bed.folder)/events.ndjson"],
            environment: ["WEBHOOK_SECRET": secret], output: .file("\(bench.bed.folder)/receiver.out"),
            errors: .file("\(bench.bed.folder)/receiver.err"))
    }

    private static func received(_ bench: CaseBench) throws -> [JSONRef] {
        try (Files.read("\(bench.bed.folder)/events.ndjson") ?? "").split(separator: "\n").map {
            try JSONDocument.parse(String($0)).root
        }
    }

    private static func log(_ bench: CaseBench) throws -> [JSONRef] {
        let (code, output) = try bench.bed.run([
            "logs", "--config", "\(bench.bed.folder)/sobre.yaml", "--format", "json", "--limit", "100000",
        ])
        try #require(code == 0, "\(output)")
        return try output.split(separator: "\n").map { try JSONDocument.parse(String($0)).root }
    }

    private static func sobre(_ bench: CaseBench, _ arguments: String...) throws -> (code: Int32, output: String) {
        try bench.bed.run(
            arguments + ["--config", "\(bench.bed.folder)/sobre.yaml"], environment: ["HOOK_SECRET": secret])
    }

    /// A free port of the loopback: one that the system has just given and taken back.
    private static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, size)
                getsockname(descriptor, $0, &size)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    private static func bench(_ name: String, port: Int) throws -> CaseBench {
        let bench = try CaseBench(
            name,
            policy: "caps:\n  - {name: two, applies_to: {category: [marketing]}, limit: 2, window: 1d, on_cap: drop}\n")
        try bench.bed.changeSettings([
            (
                "providers:\n  relay",
                """
                events:
                  batch: 20
                  backoff: 50ms
                  max_backoff: 200ms
                  interval: 20ms
                  subscriptions:
                    reader: {url: "http://127.0.0.1:\(port)/", secret: env:HOOK_SECRET, addresses: true, from: start}
                providers:
                  relay
                """
            )
        ])
        return bench
    }

    private static func messages(_ round: Int, people: Int) -> [TestMessage] {
        (0..<people).map {
            TestMessage(
                key: "\(round)-\($0)", recipient: TestBed.person($0), template: "offer", category: "marketing",
                channels: ["email"], dedupKey: "\(round)-\($0)")
        }
    }

    /// What the running server says of the subscription.
    private static func checkAPI(_ bench: CaseBench) async throws {
        func get(_ path: String) async throws -> HTTPClient.Answer {
            try #require(await bench.bed.client.send("GET", "\(bench.bed.serverURL)\(path)"))
        }
        let listed = try await get("/v1/event-subscriptions")
        let subscription = try #require(try listed.json()["subscriptions"]?[0])
        #expect(subscription["name"]?.string == "reader" && subscription["state"]?.string == "active", "\(listed.text)")
        #expect(subscription["url"]?.string?.hasPrefix("http://127.0.0.1") == true && subscription["cursor"] != nil)
        let status = try await get("/v1/status").json()
        #expect(status["subscriptions"]?[0]?["name"]?.string == "reader")
        let metrics = try await get("/metrics").text
        #expect(metrics.contains(#"sobre_events_delivered_total{subscription="reader"}"#))
        #expect(metrics.contains(#"sobre_events_state{state="active",subscription="reader"} 1"#), "\(metrics)")
    }

    @Test(
        "Through kill -9 and a receiver that is down, the manual's receiver gets every event once, in order",
        .enabled(if: Files.exists("/usr/bin/python3"), "Skipped: Python is not installed (apt-get install python3)."))
    func crashes() async throws {
        let port = Self.freePort()
        let bench = try Self.bench("events", port: port)
        let secrets = ["HOOK_SECRET": Self.secret]
        var receiver = try Self.start(bench, port: port)
        defer { receiver.signal(9) }
        try bench.bed.startServer(environment: TestBed.secrets.merging(secrets) { $1 })
        try await bench.bed.putProfiles(count: 12)
        for round in 0..<6 {
            try await bench.send(Self.messages(round, people: 12))
            if round == 2 { receiver.signal(9) }
            try await Task.sleep(for: .milliseconds(120 + 70 * round))
            bench.bed.killServer()
            if round == 4 { receiver = try Self.start(bench, port: port) }
            try bench.bed.startServer(environment: TestBed.secrets.merging(secrets) { $1 })
        }
        let deadline = ContinuousClock.now + .seconds(60)
        var log = try Self.log(bench)
        while ContinuousClock.now < deadline {
            log = try Self.log(bench)
            let count = try Self.received(bench).count
            let isOver = try bench.bed.client.isSettled(log)
            if isOver, count == log.count { break }
            try await Task.sleep(for: .milliseconds(200))
        }
        try await Self.checkAPI(bench)
        bench.bed.stopServer()
        log = try Self.log(bench)
        let events = try Self.received(bench)
        #expect(events.map { $0["id"]?.string } == log.map { $0["id"]?.string })
        #expect(Files.read("\(bench.bed.folder)/receiver.out") == "", "a gap")
        // What was not sent says why, and what was sent says where.
        let capped = events.filter { $0["reason"]?.string == "frequency_capped" }
        #expect(capped.count >= 12)
        for event in capped {
            #expect(event["rule"]?.string == "two" && event["next_slot_at"] != nil)
            #expect(event["blocked_by"]?.elements.reduce(0) { count, _ in count + 1 } == 2)
        }
        let sent = events.filter { $0["state"]?.string == "sent" }
        #expect(sent.count >= 12 && sent.allSatisfy { $0["address"]?.string?.contains("@") == true })
        // With the server stopped, the commands work on the data.
        let listed = try Self.sobre(bench, "events", "--format", "json")
        #expect(listed.code == 0 && listed.output.contains("\"state\":\"active\""), "\(listed.output)")
        let replayed = try Self.sobre(bench, "events", "replay", "reader", "--from", "0")
        #expect(replayed.code == 0 && replayed.output.contains("It is at the beginning."), "\(replayed.output)")
        let tried = try Self.sobre(bench, "events", "test", "reader")
        #expect(tried.code == 0 && tried.output.contains("took the request"), "\(tried.output)")
        receiver.signal(9)
        _ = receiver.wait(atMost: .seconds(5))
        #expect(try Self.sobre(bench, "events", "test", "reader").code != 0)
        let unknown = try Self.sobre(bench, "events", "pause", "reeder")
        #expect(unknown.code != 0 && unknown.output.contains("There are reader."), "\(unknown.output)")
        let paused = try Self.sobre(bench, "events", "pause", "reader", "--reason", "upgrade")
        #expect(paused.code == 0, "\(paused.output)")
        let audit = try Self.sobre(bench, "audit", "--format", "json")
        #expect(audit.output.contains("events_replayed") && audit.output.contains("events_paused"), "\(audit.output)")
        let doctor = try Self.sobre(bench, "doctor")
        let words = doctor.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(
            words.contains("(upgrade). Its events wait") && words.contains("sobre events resume reader"), "\(words)")
        let folder = "\(bench.bed.folder)/export"
        let exported = try Self.sobre(bench, "export", "events", folder)
        #expect(exported.code == 0 && exported.output.contains("0 files"), "this hour is not over: \(exported.output)")
    }
}

extension HTTPClient {
    /// Whether the last entry of each delivery is final.
    fileprivate func isSettled(_ log: [JSONRef]) throws -> Bool {
        let waiting: Set<String> = ["scheduled", "queued", "held", "deferred", "attempting"]
        var last: [String: String] = [:]
        for entry in log { last[entry["delivery"]?.string ?? ""] = entry["state"]?.string ?? "" }
        return !last.isEmpty && !last.values.contains(where: waiting.contains)
    }
}
