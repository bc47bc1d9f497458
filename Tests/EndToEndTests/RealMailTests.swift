import ChildProcess
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// The whole product against an independent mail server. Checked by what the server recorded.
@Suite(
    "Mail through Postfix's smtp-sink", .serialized,
    .enabled(if: MailSink.isInstalled, "Skipped: Postfix's smtp-sink is not installed (apt-get install postfix)."))
struct RealMailTests {
    private func bed(_ name: String, sink options: [String] = [], limits: String? = nil) throws -> (TestBed, MailSink) {
        let bed = try TestBed.built(name)
        let sink = try MailSink(options, folder: "\(bed.folder)/sink")
        try bed.writeConfiguration(policy: "", relay: sink.port)
        try bed.startServer(environment: TestBed.secrets)
        return (bed, sink)
    }

    private func send(_ count: Int, _ bed: TestBed) async throws -> Journal {
        try await bed.putProfiles(count: count)
        let journal = Journal()
        let url = bed.serverURL
        let messages = (0..<count).map { index in
            TestMessage(
                key: "mail-\(index)", recipient: TestBed.person(index), template: "receipt", category: "transactional",
                channels: ["email"], dedupKey: "mail-\(index)")
        }
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        return journal
    }

    @Test("Every mail arrives once, with its envelope, its headers and its words, and is recorded as sent")
    func arrives() async throws {
        let (bed, sink) = try bed("sink")
        let journal = try await send(50, bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        #expect(try await bed.totals() == [.sent: 50])
        let mails = try sink.mails()
        #expect(mails.count == 50)
        let byID = Dictionary(mails.map { ($0.field("X-Sobre-Id") ?? "", $0) }) { first, _ in first }
        for index in 0..<50 {
            let id = try #require(journal.ids["mail-\(index)"])
            let mail = try #require(byID[id], "the sink has no mail of mail-\(index)")
            #expect(mail.field("X-Rcpt-Args") == "<\(TestBed.person(index))@people.example>")
            #expect(mail.field("X-Mail-Args")?.hasPrefix("<shop@shop.example>") == true)
            #expect(mail.field("From") == "Shop <shop@shop.example>")
            #expect(mail.field("To") == "\(TestBed.person(index))@people.example")
            #expect(mail.field("Subject") == "Order mail-\(index)")
            #expect(mail.field("Message-ID") == "<\(id)@shop.example>")
            #expect(mail.text.contains("\nAbout order mail-\(index)."))
        }
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("A sink that thinks for a second about each mail is waited for side by side")
    func slowReply() async throws {
        let (bed, sink) = try bed("slow-sink", sink: ["-W", ".:1"])
        let start = ContinuousClock.now
        _ = try await send(24, bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        let elapsed = ContinuousClock.now - start
        #expect(try await bed.totals() == [.sent: 24])
        #expect(Set(try sink.mails().compactMap { $0.field("X-Sobre-Id") }).count == 24)
        // Sent one after the other, they would take 24 s.
        #expect(elapsed >= .seconds(1) && elapsed < .seconds(8), "\(elapsed)")
    }

    @Test("A relay that refuses recipients for our hourly limit is paused: its mails wait, and nobody is suppressed")
    func hourlyLimit() async throws {
        let words =
            "550 Domain shop.example has exceeded the max emails per hour (100/100 (100%)) allowed. Message discarded."
        let (bed, sink) = try bed("limiting-sink", sink: ["-f", "RCPT", "-B", words])
        _ = try await send(20, bed)
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let totals = try await bed.totals()
            if (totals[.deferred] ?? 0) + (totals[.held] ?? 0) == 20 { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let totals = try await bed.totals()
        #expect((totals[.deferred] ?? 0) + (totals[.held] ?? 0) == 20, "\(totals)")
        #expect(try sink.mails().allSatisfy { $0.field("Subject") == nil })
        let suppressed = await bed.client.send("GET", "\(bed.serverURL)/v1/suppressions")
        #expect(suppressed?.text.contains("hard_bounce") == false)
        let status = await bed.client.send("GET", "\(bed.serverURL)/v1/status")?.text ?? ""
        #expect(status.contains("has exceeded the max emails per hour"), "\(status)")
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("A sink that refuses one command fails the mail, or holds it, and keeps nobody from saying why")
    func refused() async throws {
        // A 500 reply to RCPT concerns the recipient: the email fails, and the relay is not blamed.
        let (bed, sink) = try bed("refusing-sink", sink: ["-f", "RCPT"])
        _ = try await send(20, bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        #expect(try await bed.totals() == [.failed: 20])
        #expect(try sink.mails().allSatisfy { $0.field("Subject") == nil })
        let failed = try await bed.log().filter { $0.entry.state == .failed }
        #expect(failed.allSatisfy { $0.entry.attempt == 1 && $0.entry.detail.hasPrefix("rcpt: 500") })
    }
}
