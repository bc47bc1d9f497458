import ChildProcess
import JSON
import SobreModel
import SobreStore
import TestBed
import Testing

/// The whole product against a real Postfix, which is started for each test.
@Suite(
    "Mail through Postfix", .serialized, .timeLimit(.minutes(2)),
    .enabled(if: PostfixRelay.isUsable, "Skipped: Postfix needs root (apt-get install postfix openssl python3)."))
struct PostfixTests {
    private func bed(
        _ name: String, _ relay: PostfixRelay, password: String? = nil, security: String = "starttls"
    ) throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.writeConfiguration(policy: "", relay: relay.port)
        var settings = "security: \(security), ca_file: \"\(relay.caFile)\"}"
        if password != nil {
            settings += "\n    secrets: {username: env:TEST_SMTP_USER, password: env:TEST_SMTP_PASSWORD}"
        }
        try bed.changeSettings([("security: none}", settings)])
        var environment = TestBed.secrets
        environment["TEST_SMTP_USER"] = PostfixRelay.user
        environment["TEST_SMTP_PASSWORD"] = password ?? ""
        try bed.startServer(environment: environment)
        return bed
    }

    private func send(_ count: Int, _ bed: TestBed) async throws {
        try await bed.putProfiles(count: count)
        let url = bed.serverURL
        let messages = (0..<count).map { index in
            TestMessage(
                key: "mail-\(index)", recipient: TestBed.person(index), template: "receipt", category: "transactional",
                channels: ["email"], dedupKey: "mail-\(index)")
        }
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: Journal())
    }

    /// Postfix delivers what it has accepted a little later.
    private func mails(_ count: Int, of relay: PostfixRelay) async throws -> [MailSink.Mail] {
        let deadline = ContinuousClock.now + .seconds(20)
        while try relay.mails().count < count, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(50))
        }
        return try relay.mails()
    }

    @Test("STARTTLS and a login, and each mail arrives once", arguments: ["PLAIN", "LOGIN"])
    func login(mechanism: String) async throws {
        let relay = try PostfixRelay(.init(mechanism: mechanism, requiresTLS: true))
        let bed = try bed("postfix-login", relay, password: PostfixRelay.password)
        try await send(20, bed)
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        #expect(try await bed.totals() == [.sent: 20], "\(relay.log.suffix(2000))")
        let mails = try await mails(20, of: relay)
        #expect(Set(mails.compactMap { $0.field("Delivered-To") }).count == 20 && mails.count == 20)
        for mail in mails {
            let trace = mail.field("Received") ?? ""
            #expect(trace.contains("using TLSv1") && trace.contains("(Authenticated sender: \(PostfixRelay.user))"))
        }
        #expect(relay.log.contains("sasl_method=\(mechanism)"))
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("A wrong password pauses the relay: the mails wait, and nobody is suppressed")
    func wrongPassword() async throws {
        let relay = try PostfixRelay(.init(mechanism: "PLAIN", requiresTLS: true))
        let bed = try bed("postfix-password", relay, password: "another")
        try await send(5, bed)
        let deadline = ContinuousClock.now + .seconds(20)
        var waiting = 0
        while waiting < 5, ContinuousClock.now < deadline {
            let totals = try await bed.totals()
            waiting = (totals[.deferred] ?? 0) + (totals[.held] ?? 0)
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(waiting == 5)
        #expect(relay.log.contains("authentication failed") && !relay.log.contains("sasl_method"))
        #expect(try relay.mails().isEmpty)
        let status = await bed.client.send("GET", "\(bed.serverURL)/v1/status")?.text ?? ""
        #expect(status.contains("535"), "\(status)")
        let suppressed = await bed.client.send("GET", "\(bed.serverURL)/v1/suppressions")?.text ?? ""
        #expect(!suppressed.contains("hard_bounce"))
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("Without TLS a relay that requires it gets nothing")
    func withoutTLS() async throws {
        let relay = try PostfixRelay(.init(requiresTLS: true))
        let bed = try bed("postfix-clear", relay, security: "none")
        try await send(3, bed)
        let deadline = ContinuousClock.now + .seconds(20)
        while !relay.log.contains("Must issue a STARTTLS"), ContinuousClock.now < deadline {
            if try await bed.log().contains(where: { $0.entry.detail.contains("STARTTLS") }) { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(
            try await bed.log().contains { $0.entry.detail.contains("530 5.7.0 Must issue a STARTTLS command first") })
        #expect(try await bed.totals()[.sent] == nil)
        #expect(try relay.mails().isEmpty)
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("Refused recipients do not keep the others' mails back")
    func refusedRecipients() async throws {
        let refused = [
            ("\(TestBed.person(1))@people.example", "550 5.1.1 No such user here"),
            ("\(TestBed.person(4))@people.example", "450 4.2.1 Mailbox busy, try again"),
        ]
        let relay = try PostfixRelay(.init(requiresTLS: true, refused: refused))
        let bed = try bed("postfix-refusals", relay)
        try await send(8, bed)
        try await bed.waitUntilQuiet(atMost: .seconds(60))
        #expect(try await bed.totals() == [.sent: 6, .failed: 2])
        let mails = try await mails(6, of: relay)
        let expected = Set([0, 2, 3, 5, 6, 7].map { "\(TestBed.person($0))@people.example" })
        #expect(Set(mails.compactMap { $0.field("Delivered-To") }) == expected && mails.count == 6)
        let last = try await bed.log().filter { $0.entry.state == .failed }
        let bounced = try #require(last.first { $0.entry.detail.contains("550 5.1.1") })
        #expect(bounced.entry.attempt == 1 && bounced.entry.detail.contains("No such user here"))
        let busy = try #require(last.first { $0.entry.detail.contains("450 4.2.1") })
        #expect(busy.entry.attempt == 8)
        let suppressed = await bed.client.send("GET", "\(bed.serverURL)/v1/suppressions")?.text ?? ""
        #expect(suppressed.split(separator: "hard_bounce").count == 2, "\(suppressed)")
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("Files of a message and of its template arrive as they were, and go when the recipient is erased")
    func attachments() async throws {
        let relay = try PostfixRelay(.init(requiresTLS: true))
        let bed = try bed("postfix-attachments", relay)
        let template = "\(bed.folder)/templates/letter"
        try Files.makeFolder(template)
        let files = [
            "template.yaml":
                "category: transactional\nfrom: Shop <shop@shop.example>\nattachments: [{file: logo.svg, content_id: logo}]\n",
            "email.subject.liquid": "Files", "email.html.liquid": "<p><img src=\"cid:logo\" alt=\"\"></p>",
            "logo.svg": "<svg/>",
        ]
        for (name, text) in files { try Files.write(text, to: "\(template)/\(name)") }
        #expect(bed.stopServer() == .exited(code: 0))
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 1)
        // 300 kB, whose base64 is known.
        let content = String(repeating: "QUJD", count: 100_000)
        let body =
            "{\"recipient\":\"\(TestBed.person(0))\",\"template\":\"letter\",\"attachments\":[{\"filename\":\"Größe.bin\",\"content\":\"\(content)\"}]}"
        let answer = await bed.client.send("POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8))
        #expect(answer?.status == 202, "\(answer?.text ?? "")")
        let id = try #require(try answer?.json()["id"]?.string)
        let shown = await bed.client.send("GET", "\(bed.serverURL)/v1/messages/\(id)")?.text ?? ""
        #expect(shown.contains("\"filename\":\"Größe.bin\"") && shown.contains("\"bytes\":300000"), "\(shown)")
        try await bed.waitUntilQuiet(atMost: .seconds(30))
        #expect(try await bed.totals() == [.sent: 1])
        let mail = try #require(try await mails(1, of: relay).first).text
        #expect(mail.contains("filename*=UTF-8''Gr%C3%B6%C3%9Fe.bin"))
        #expect(mail.contains("Content-ID: <logo>") && mail.contains("PHN2Zy8+"))
        #expect(mail.replacing("\n", with: "").contains(content))
        let erased = await bed.client.send("DELETE", "\(bed.serverURL)/v1/profiles/\(TestBed.person(0))")
        #expect(erased?.status == 200, "\(erased?.text ?? "")")
        let after = await bed.client.send("GET", "\(bed.serverURL)/v1/messages/\(id)")?.text ?? ""
        #expect(!after.contains("attachments") && after.contains("\"state\":\"sent\""), "\(after)")
        #expect(bed.stopServer() == .exited(code: 0))
    }
}
