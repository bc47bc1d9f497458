import ChildProcess
import JSON
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// What operators and marketers use: the built binary, its commands, and their error messages.
@Suite("The binary in use", .serialized)
struct OperatorTests {
    private func bed(_ name: String) throws -> TestBed { try .built(name) }

    private func message(_ key: String, channels: [String], template: String = "receipt") -> TestMessage {
        TestMessage(
            key: key, recipient: TestBed.person(1), template: template, category: "transactional", channels: channels,
            dedupKey: key)
    }

    private func enqueue(_ messages: [TestMessage], _ bed: TestBed) async throws -> Journal {
        let journal = Journal()
        let url = bed.serverURL
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        return journal
    }

    /// Polls the log until a message has reached a state. Fails after 20 s.
    private func waitForState(_ state: String, of id: String, _ bed: TestBed) async throws -> JSONRef {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let answer = await bed.client.send("GET", "\(bed.serverURL)/v1/log?limit=100")
            let entries = try answer?.json()["entries"] ?? answer?.json()["items"]
            for entry in entries.map({ Array($0.elements) }) ?? [] {
                let isIt =
                    entry["delivery"]?.string == id || entry["message"]?.string == id || entry["id"]?.string == id
                if isIt, entry["state"]?.string == state { return entry }
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestBed.Failure(
            "message \(id) did not become \(state): \(Files.read("\(bed.folder)/server.err")?.suffix(800) ?? "")")
    }

    @Test("One message on each channel reaches the far end with its words, and the commands tell its story")
    func everyChannel() async throws {
        let bed = try bed("channels")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 2)
        let journal = try await enqueue(
            [
                message("a-1", channels: ["email"]), message("a-2", channels: ["sms"]),
                message("a-3", channels: ["push"]),
            ], bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        let received = try ReceivedMessages.load(bed.recordFile).accepted
        #expect(Set(received.map(\.channel)) == [.email, .sms, .push])
        #expect(
            received.contains {
                $0.channel == .email && $0.title == "Order a-1" && $0.text.contains("About order a-1.")
            })
        #expect(received.contains { $0.channel == .sms && $0.text == "About order a-2." })
        #expect(received.contains { $0.channel == .push && $0.text == "About order a-3." })
        #expect(received.allSatisfy { $0.person == TestBed.person(1) && $0.reference != nil })

        let id = try #require(journal.ids["a-1"])
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        for command in [["logs"], ["show", id], ["explain", id], ["timeline", TestBed.person(1)]] {
            let (code, output) = try bed.run(command + config)
            #expect(code == 0, "\(command): \(output)")
            #expect(output.contains("sent"), "\(command): \(output)")
            #expect(
                output.split(separator: "\n").allSatisfy { $0.count <= 80 }, "\(command) is wider than 80:\n\(output)")
            let (_, json) = try bed.run(command + config + ["--format", "json"])
            #expect(!json.contains("people.example"), "\(command) shows an address")
        }
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("A missing secret holds the messages, names the variable, and stops nobody else")
    func missingSecret() async throws {
        let bed = try bed("secret")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        var environment = TestBed.secrets
        environment["TEST_TWILIO_TOKEN"] = nil
        try bed.startServer(environment: environment)
        try await bed.putProfiles(count: 2)
        let journal = try await enqueue([message("s-1", channels: ["sms"]), message("s-2", channels: ["email"])], bed)
        let held = try await waitForState("held", of: try #require(journal.ids["s-1"]), bed)
        #expect(held["reason"]?.string == "no_provider")
        #expect(held["detail"]?.string?.contains("TEST_TWILIO_TOKEN") == true)
        _ = try await waitForState("sent", of: try #require(journal.ids["s-2"]), bed)
    }

    @Test("A template that breaks holds its messages with the place, and they go once it is mended, without a restart")
    func brokenTemplate() async throws {
        let bed = try bed("template")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets.merging(["SOBRE_RENDERING_RETRY_AFTER": "1s"]) { $1 })
        try await bed.putProfiles(count: 2)
        let file = "\(bed.folder)/templates/receipt/sms.liquid"
        try Files.write("About {% if %} {{ order_id }", to: file)
        try await Task.sleep(for: .milliseconds(2500))  // the server looks for changes every second
        let journal = try await enqueue([message("t-1", channels: ["sms"])], bed)
        let id = try #require(journal.ids["t-1"])
        let held = try await waitForState("held", of: id, bed)
        #expect(held["reason"]?.string == "render_failed")
        #expect(held["detail"]?.string?.contains("sms.liquid") == true)
        try Files.write("Mended: {{ order_id }}", to: file)
        _ = try await waitForState("sent", of: id, bed)
        #expect(try ReceivedMessages.load(bed.recordFile).accepted.contains { $0.text == "Mended: t-1" })
    }

    @Test("A second server on the same data directory is refused and told who owns it")
    func secondServer() async throws {
        let bed = try bed("second")
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        let (code, output) = try bed.run(
            ["serve", "--config", "\(bed.folder)/sobre.yaml"], environment: TestBed.secrets)
        #expect(code == 69)
        #expect(output.contains("\(bed.server?.processID ?? 0)"))
    }

    @Test("SIGTERM drains: what was in flight is recorded, nothing is unknown")
    func gracefulStop() async throws {
        let bed = try bed("stop")
        try bed.startSandbox(faults: "latency=300ms")
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 2)
        _ = try await enqueue((0..<40).map { message("g-\($0)", channels: ["sms"]) }, bed)
        #expect(bed.stopServer() == .exited(code: 0))
        let (code, output) = try bed.run([
            "logs", "--state", "unknown", "--config", "\(bed.folder)/sobre.yaml", "--format", "json",
        ])
        #expect(code <= 1)
        #expect(!output.contains("\"unknown\""))
    }
}
