import ChildProcess
import SobreModel
import SobreStore
import TestBed
import Testing

/// Bounces that arrive as emails, from the relay to the delivery's state: through a running server, and without one.
@Suite(
    "Bounces as emails", .serialized,
    .enabled(if: MailSink.isInstalled, "Skipped: Postfix's smtp-sink is not installed (apt-get install postfix)."))
struct BounceMailTests {
    private static func bounce(of id: String, to address: String, status: String, words: String) -> String {
        """
        From: MAILER-DAEMON@mta.example
        To: shop@shop.example
        Subject: Undelivered Mail Returned to Sender
        Message-ID: <\(id).\(status)@mta.example>
        Content-Type: multipart/report; report-type=delivery-status; boundary=x

        --x
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mta.example

        Final-Recipient: rfc822; \(address)
        Action: failed
        Status: \(status)
        Diagnostic-Code: smtp; \(words)

        --x
        Content-Type: text/rfc822-headers

        X-Sobre-Id: \(id)

        --x--

        """
    }

    private static let answer = "From: Ann <ann@people.example>\nSubject: Re: Order\n\nPlease stop writing.\n"

    @Test("A hard bounce suppresses, a soft one does not, an answer is kept, and each counts once")
    func ingest() async throws {
        let bed = try TestBed.built("bounces")
        let sink = try MailSink([], folder: "\(bed.folder)/sink")
        try bed.writeConfiguration(policy: "", relay: sink.port)
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 4)
        let journal = Journal()
        let url = bed.serverURL
        let messages = (0..<4).map { index in
            TestMessage(
                key: "mail-\(index)", recipient: TestBed.person(index), template: "receipt", category: "transactional",
                channels: ["email"], dedupKey: "mail-\(index)")
        }
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        func bounce(_ index: Int, _ status: String, _ words: String) throws -> String {
            Self.bounce(
                of: try #require(journal.ids["mail-\(index)"]), to: "\(TestBed.person(index))@people.example",
                status: status, words: words)
        }
        let separator = "From MAILER-DAEMON Mon Mar  2 10:00:00 2026\n"
        let mails = [
            try bounce(0, "5.1.1", "550 5.1.1 <\(TestBed.person(0))@people.example>: User unknown"),
            try bounce(1, "5.2.2", "552 5.2.2 mailbox full"), Self.answer,
        ]
        let box = "\(bed.folder)/bounces.mbox"
        try Files.write(mails.map { separator + $0 + "\n" }.joined(), to: box)
        let config = ["--config", "\(bed.folder)/sobre.yaml"]

        // Checking writes nothing and needs no server.
        let check = try bed.run(["receipts", "ingest", "--check", box] + config)
        #expect(check.code == 0 && check.output.contains("3 emails: 2 bounce, 1 other."), "\(check.output)")
        #expect(try await bed.totals() == [.sent: 4])

        let first = try bed.run(["receipts", "ingest", box] + config, environment: TestBed.secrets)
        #expect(first.code == 0 && first.output.contains("2 new receipts, 0 known."), "\(first.output)")
        let second = try bed.run(["receipts", "ingest", box] + config, environment: TestBed.secrets)
        #expect(second.code == 0 && second.output.contains("0 new receipts, 2 known."), "\(second.output)")
        let deadline = ContinuousClock.now + .seconds(20)
        while try await bed.totals()[.bounced] != 2, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(try await bed.totals() == [.sent: 2, .bounced: 2])
        func hardBounces() async -> Int {
            let text = await bed.client.send("GET", "\(bed.serverURL)/v1/suppressions")?.text ?? ""
            return text.split(separator: "hard_bounce").count - 1
        }
        #expect(await hardBounces() == 1)
        let inbound = try bed.run(["inbound", "--wide"] + config)
        #expect(inbound.output.contains("Re: Order · Please stop writing."), "\(inbound.output)")
        #expect(bed.stopServer() == .exited(code: 0))

        // Without a server the store is written itself; a Maildir's new emails become old ones.
        for folder in ["new", "cur", "tmp"] { try Files.makeFolder("\(bed.folder)/Maildir/\(folder)") }
        try Files.write(try bounce(2, "5.1.1", "550 no such user"), to: "\(bed.folder)/Maildir/new/1.mta")
        let direct = try bed.run(
            ["receipts", "ingest", "\(bed.folder)/Maildir"] + config, environment: TestBed.secrets)
        #expect(direct.code == 0 && direct.output.contains("1 new receipts, 0 known."), "\(direct.output)")
        #expect(Files.read("\(bed.folder)/Maildir/cur/1.mta:2,S") != nil)
        let empty = try bed.run(["receipts", "ingest", "\(bed.folder)/Maildir"] + config, environment: TestBed.secrets)
        #expect(empty.code == 0 && empty.output.contains("0 emails."), "\(empty.output)")
        try bed.startServer(environment: TestBed.secrets)
        let later = ContinuousClock.now + .seconds(20)
        while try await bed.totals()[.bounced] != 3, ContinuousClock.now < later {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(await hardBounces() == 2)
        #expect(bed.stopServer() == .exited(code: 0))
    }
}
