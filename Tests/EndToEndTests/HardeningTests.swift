import ChildProcess
import JSON
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// Behaviour in unusual conditions: several devices, a cancelled message, a provider that hangs or rejects bursts.
@Suite("The binary under odd conditions", .serialized)
struct HardeningTests {
    private func bed(_ name: String, faults: String? = nil, dispatch: String? = nil) async throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox(faults: faults)
        try bed.writeConfiguration(
            policy: """
                caps:
                  - {name: one-a-day, applies_to: {category: [marketing]}, limit: 1, window: 1d, on_cap: drop}
                """, dispatch: dispatch)
        try bed.startServer(environment: TestBed.secrets)
        return bed
    }

    private func message(
        _ key: String, to person: Int = 1, channels: [String], template: String = "receipt"
    ) -> TestMessage {
        TestMessage(
            key: key, recipient: TestBed.person(person), template: template,
            category: template == "offer" ? "marketing" : "transactional", channels: channels, dedupKey: key)
    }

    private func enqueue(_ messages: [TestMessage], _ bed: TestBed) async throws -> Journal {
        let journal = Journal()
        let url = bed.serverURL
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        return journal
    }

    private func metric(_ name: String, _ bed: TestBed) async throws -> Double? {
        let text = await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.utf8.count + 1)) }
    }

    @Test("One push reaches three devices, is one contact for the cap, and a metric counts one message")
    func devices() async throws {
        let bed = try await bed("devices")
        let tokens = (1...3).map { "{\"channel\":\"push\",\"address\":\"token-of-device-number-\($0)\"}" }
        try await bed.putProfiles([
            "{\"id\":\"\(TestBed.person(1))\",\"timezone\":\"UTC\",\"addresses\":[\(tokens.joined(separator: ","))]}"
        ])
        _ = try await enqueue(
            [
                message("d-1", channels: ["push"], template: "offer"),
                message("d-2", channels: ["push"], template: "offer"),
            ], bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        let received = try ReceivedMessages.load(bed.recordFile).accepted
        #expect(received.count == 3)
        #expect(Set(received.map(\.to)).count == 3)
        #expect(Set(received.map(\.text)).count == 1, "of one message")
        #expect(try await bed.totals() == [.sent: 1, .dropped: 1])
        #expect(try await metric("sobre_transitions_total{state=\"sent\"}", bed) == 1)
        #expect(try await metric("sobre_dropped_total{reason=\"frequency_capped\"}", bed) == 1)
        #expect(try await metric("sobre_transitions_total{state=\"queued\"}", bed) == 2)
        #expect(
            try await metric("sobre_decisions_total{rule=\"\",step=\"\",verdict=\"send\"}", bed) == 1)
        #expect(
            try await metric("sobre_decisions_total{rule=\"one-a-day\",step=\"caps\",verdict=\"drop\"}", bed) == 1)
        #expect(try await metric("sobre_clock_alarm", bed) == 0)
        let text = await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text ?? ""
        #expect(!text.contains("\"none\""))
        #expect(text.contains("sobre_provider_state{channel=\"push\",provider=\"fcm\",state=\"open\"} 1"))
        #expect(text.contains("sobre_store_commit_seconds_count"))
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("What waits can be cancelled, with and without a server; what is gone says so")
    func cancel() async throws {
        let bed = try await bed("cancel", faults: "twilio.hang=100%", dispatch: "attempt_timeout: 2s")
        try await bed.putProfiles(count: 3)
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        let sent = try await enqueue([message("c-1", channels: ["email"])], bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        let gone = try #require(sent.ids["c-1"])
        let late = try bed.run(["cancel", gone] + config)
        #expect(late.code == 1)
        #expect(late.output.contains("too late"))
        #expect(try bed.run(["cancel", "0000000000000"] + config).code == 1)
        #expect(try bed.run(["cancel", "nonsense"] + config).code == 64)

        bed.stopServer()
        let waiting =
            "{\"recipient\":\"\(TestBed.person(1))\",\"template\":\"receipt\",\"channels\":[\"email\"],"
            + "\"send_at\":\"2099-01-01T00:00:00Z\",\"data\":{\"order_id\":\"c-2\"}}"
        let file = "\(bed.folder)/later.ndjson"
        try Files.write("\(waiting)\n\(waiting)\n", to: file)
        #expect(try bed.run(["enqueue", file] + config).code == 0)
        let (_, listed) = try bed.run(["logs", "--state", "scheduled", "--format", "json"] + config)
        let ids = try listed.split(separator: "\n").compactMap {
            try JSONDocument.parse(String($0)).root["delivery"]?.string
        }
        try #require(ids.count == 2)
        let offline = try bed.run(["cancel", ids[0]] + config)
        #expect(offline.code == 0, "\(offline.output)")
        #expect(offline.output.contains("cancelled"))
        try bed.startServer(environment: TestBed.secrets)
        let online = try bed.run(["cancel", ids[1], "--format", "json"] + config)
        #expect(online.code == 0, "\(online.output)")
        #expect(
            try JSONDocument.parse(online.output).root["deliveries"]?[0]?["state"]?.string == "cancelled")
        #expect(try await bed.totals() == [.sent: 1, .cancelled: 2])
        #expect(bed.stopServer() == .exited(code: 0))
    }

    /// Waits until this many were sent or the deadline has passed. The caller checks which.
    private func wait(until sent: Int, _ bed: TestBed, atMost deadline: ContinuousClock.Instant) async throws {
        while try await bed.totals()[.sent] ?? 0 < sent, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("A provider that hangs holds nobody else up")
    func hang() async throws {
        let bed = try await bed("hang", faults: "twilio.hang=100%", dispatch: "attempt_timeout: 3s")
        try await bed.putProfiles(count: 50)
        _ = try await enqueue((0..<100).map { message("h-\($0)", to: $0 % 50, channels: ["sms"]) }, bed)
        let begun = ContinuousClock.now
        _ = try await enqueue((0..<200).map { message("m-\($0)", to: $0 % 50, channels: ["email"]) }, bed)
        try await wait(until: 200, bed, atMost: begun + .seconds(10))
        #expect(ContinuousClock.now - begun < .seconds(3), "all mail has gone before the first hanging call has ended")
        #expect(try await bed.totals()[.sent] == 200)
        bed.killServer()
    }

    @Test("A relay that hangs on more mail than there are places holds nobody else up")
    func hangingRelay() async throws {
        let bed = try await bed("hang-mail", faults: "smtp.hang=100%", dispatch: "attempt_timeout: 5s, in_flight: 64")
        try await bed.putProfiles(count: 50)
        _ = try await enqueue((0..<150).map { message("m-\($0)", to: $0 % 50, channels: ["email"]) }, bed)
        let begun = ContinuousClock.now
        _ = try await enqueue((0..<50).map { message("s-\($0)", to: $0, channels: ["sms"]) }, bed)
        try await wait(until: 50, bed, atMost: begun + .seconds(10))
        #expect(ContinuousClock.now - begun < .seconds(3), "all SMS have gone before the first hanging mail has ended")
        #expect(try await bed.totals()[.sent] == 50)
        bed.killServer()
    }

    @Test("A storm of refusals: Retry-After is kept by the whole provider, nothing is spent or lost, and others go on")
    func storm() async throws {
        let bed = try await bed("storm", faults: "twilio.429=100%,retry-after=2s")
        try await bed.putProfiles(count: 40)
        let journal = try await enqueue((0..<200).map { message("s-\($0)", to: $0 % 40, channels: ["sms"]) }, bed)
        let begun = ContinuousClock.now
        _ = try await enqueue((0..<40).map { message("m-\($0)", to: $0, channels: ["email"]) }, bed)
        try await wait(until: 40, bed, atMost: begun + .seconds(10))
        #expect(ContinuousClock.now - begun < .seconds(3), "mail does not wait for SMS")
        // Several times the provider's requested wait.
        while ContinuousClock.now < begun + .seconds(9) { try await Task.sleep(for: .milliseconds(50)) }
        let status = await bed.client.send("GET", "\(bed.serverURL)/v1/status")?.text ?? ""
        let providers = try JSONDocument.parse(status).root["providers"].map { Array($0.elements) } ?? []
        let twilio = try #require(providers.first { $0["name"]?.string == "twilio" })
        #expect(twilio["state"]?.string == "limited" && twilio["until"]?.string != nil)
        let metrics = await bed.client.send("GET", "\(bed.serverURL)/metrics")?.text ?? ""
        #expect(metrics.contains("sobre_provider_state{channel=\"sms\",provider=\"twilio\",state=\"limited\"} 1"))
        let stormy = try ReceivedMessages.load(bed.recordFile).messages.filter { $0.fault == "429" }
        _ = await bed.client.send(
            "POST", "\(bed.sandboxURL)/_sandbox/faults", body: Array("{}".utf8), type: "application/json")
        let calmed = ContinuousClock.now
        try await bed.waitUntilQuiet(atMost: .seconds(60))
        #expect(ContinuousClock.now - calmed < .seconds(20))
        expectOnlyProbes(stormy.map { Instant(milliseconds: $0.at) }, wait: .seconds(2))
        let received = try ReceivedMessages.load(bed.recordFile)
        #expect(Set(received.accepted.map(\.text)).count == 240)
        #expect(try await bed.totals() == [.sent: 240])
        let rows = try await bed.log().map(\.entry)
        #expect(!rows.contains { $0.reason == "attempts_exhausted" })
        for id in journal.ids.values {
            let own = rows.filter { $0.delivery.message.description == id }
            #expect((own.map(\.attempt).max() ?? 0) <= 3)
            for (refused, next) in zip(own, own.dropFirst()) where refused.reason == "throttled" {
                #expect(next.at - refused.at >= .milliseconds(1_950), "it asked for two seconds")
            }
        }
        #expect(bed.stopServer() == .exited(code: 0))
    }

    /// After the first rejections, which affect calls already in progress, there are at most two probes per wait.
    private func expectOnlyProbes(_ times: [Instant], wait: Duration) {
        guard let first = times.first else {
            Issue.record("the storm was not reached")
            return
        }
        let later = times.filter { $0 - first > .milliseconds(1_000) }
        #expect(later.count >= 4, "it is tried again and again")
        for (index, time) in later.enumerated() {
            let within = later[index...].count { $0 - time < wait - .milliseconds(200) }
            #expect(within <= 2, "\(within) calls within one wait")
        }
    }
}
