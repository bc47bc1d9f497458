import ChildProcess
import Glibc
import JSON
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// Messages that failed in an outage are sent once it is over: each of them once, by the receiving end's own log.
@Suite("Replay after an outage", .serialized)
struct ReplayTests {
    /// 500, or as many as `SOBRE_DRILL_MESSAGES` says.
    private static let count = getenv("SOBRE_DRILL_MESSAGES").flatMap { Int(String(cString: $0)) } ?? 500

    private func wait(_ what: String, _ bed: TestBed, until holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        let totals = try await bed.totals()
        throw TestBed.Failure(
            "\(what) did not happen: \(totals) \((Files.read("\(bed.folder)/server.err") ?? "").suffix(1500))")
    }

    private func setFaults(_ faults: String, _ bed: TestBed) async {
        _ = await bed.client.send(
            "POST", "\(bed.sandboxURL)/_sandbox/faults", body: Array(faults.utf8), type: "application/json")
    }

    private func enqueue(_ keys: [String], template: String, _ bed: TestBed) async throws {
        let url = bed.serverURL
        let messages = keys.enumerated().map { index, key in
            TestMessage(
                key: key, recipient: TestBed.person(index), template: template,
                category: template == "offer" ? "marketing" : "transactional", channels: ["email"], dedupKey: key)
        }
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: Journal())
    }

    /// Runs a command on the server's data and reads its answer.
    private func change(_ arguments: [String], _ bed: TestBed) throws -> (code: Int32, json: JSONRef?, output: String) {
        let result = try bed.run(arguments + ["--config", "\(bed.folder)/sobre.yaml", "--format", "json"])
        let json = try? JSONDocument.parse(Array(result.output.utf8)).root
        return (result.code, json, result.output)
    }

    @Test("What failed is counted, queued again and sent once; what may have been sent is not sent again")
    func outage() async throws {
        let bed = try TestBed.built("replay")
        try bed.startSandbox(faults: "rcpt4xx=100%")
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.changeSettings([(old: "min_attempts: 8", new: "min_attempts: 1")])
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: Self.count)
        for start in stride(from: 0, to: Self.count, by: 500) {
            let keys = (start..<min(start + 500, Self.count)).map { "r-\($0)" }
            try await enqueue(keys, template: "receipt", bed)
        }
        try await wait("the outage", bed) { try await bed.totals()[.failed] == Self.count }
        #expect(try ReceivedMessages.load(bed.recordFile).accepted.isEmpty)

        // Now the relay takes mails and breaks the connection: what it took is unknown.
        await setFaults(#"{"smtp.reset": 1}"#, bed)
        try await enqueue((0..<20).map { "o-\($0)" }, template: "offer", bed)
        try await wait("the unknown outcomes", bed) { try await bed.totals()[.unknown] == 20 }
        await setFaults("{}", bed)

        let conditions = ["--provider", "relay", "--since", "1h"]
        let dry = try change(["retry", "--dry-run"] + conditions, bed)
        #expect(dry.code == 0, "\(dry.output)")
        #expect(dry.json?["changed"]?.int == Self.count, "\(dry.output)")
        #expect(dry.json?["groups"]?[0]?["reason"]?.string == "attempts_exhausted")
        #expect(try await bed.totals()[.failed] == Self.count)
        #expect(try change(["retry", "--state", "unknown"] + conditions, bed).code == 64)

        let done = try change(["retry", "--note", "relay repaired"] + conditions, bed)
        #expect(done.code == 0, "\(done.output)")
        #expect(done.json?["changed"]?.int == Self.count)
        try await wait("the replay", bed) { try await bed.totals()[.sent] == Self.count }
        // A second run finds nothing, and the unknown ones are not touched.
        let again = try change(["retry"] + conditions, bed)
        #expect(again.json?["matched"]?.int == 0)
        #expect(try await bed.totals()[.unknown] == 20)

        let received = try ReceivedMessages.load(bed.recordFile).accepted
        let titles = Dictionary(grouping: received, by: \.title)
        #expect(received.count == Self.count + 20)
        #expect(titles.values.allSatisfy { $0.count == 1 })
        #expect((0..<Self.count).allSatisfy { titles["Order r-\($0)"]?.count == 1 })

        // The log and the trail name who did it.
        let audit = try bed.run(["audit", "--config", "\(bed.folder)/sobre.yaml", "--format", "json"])
        let entries = audit.output.split(separator: "\n").compactMap { try? JSONDocument.parse(Array($0.utf8)).root }
        let retries = entries.filter { $0["action"]?.string == "retry" }
        #expect(!retries.isEmpty && retries.allSatisfy { $0["note"]?.string == "relay repaired" })
        #expect(retries.allSatisfy { $0["by"]?.string?.hasPrefix("command:") == true })
        let queued = try await bed.log().filter { $0.entry.reason == "retried" }
        #expect(queued.count == Self.count)
        #expect(queued.allSatisfy { $0.entry.detail.hasSuffix(": relay repaired") })
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("A campaign is cancelled by its name while nothing is claimed, and the queue shows what waits")
    func cancellation() async throws {
        let bed = try TestBed.built("cancellation")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 2)
        for (campaign, key) in [("spring", "a"), ("spring", "b"), ("summer", "c")] {
            let body = """
                {"recipient": "\(TestBed.person(1))", "template": "receipt", "channels": ["sms"], "campaign": "\(campaign)",
                 "send_at": "2099-01-01T00:00:00Z", "data": {"order_id": "\(key)"}}
                """
            let answer = await bed.client.send(
                "POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8), type: "application/json")
            #expect(answer?.status == 202)
        }
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        let queue = try bed.run(["queue"] + config)
        #expect(queue.code == 0)
        #expect(queue.output.contains("spring") && queue.output.contains("3 deliveries wait"), "\(queue.output)")
        let dry = try bed.run(["cancel", "--campaign", "spring", "--dry-run"] + config)
        #expect(dry.output.contains("2 deliveries match, 2 would be cancelled"), "\(dry.output)")
        let done = try bed.run(["cancel", "--campaign", "spring", "--note", "wrong prices"] + config)
        #expect(done.code == 0 && done.output.contains("2 were cancelled"), "\(done.output)")
        #expect(try await bed.totals() == [.cancelled: 2, .scheduled: 1])
        // Without conditions nothing is cancelled, and with both kinds neither.
        #expect(try bed.run(["cancel"] + config).code == 64)
        #expect(try bed.run(["cancel", "01jd3v8k6m1r0", "--campaign", "summer"] + config).code == 64)
        // The same over the data directory, without a server.
        #expect(bed.stopServer() == .exited(code: 0))
        let offline = try bed.run(["queue"] + config)
        #expect(offline.output.contains("1 deliveries wait"), "\(offline.output)")
        let rest = try bed.run(["cancel", "--state", "scheduled"] + config)
        #expect(rest.output.contains("1 were cancelled"), "\(rest.output)")
        let audit = try bed.run(["audit", "--format", "json"] + config)
        #expect(audit.output.contains("wrong prices") && audit.output.contains("campaign spring"), "\(audit.output)")
    }
}
