import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

@Suite("SMTP answers")
struct SMTPOutcomeTests {
    static let table: [(MailAnswer.Stage, Int, String?, Outcome.Kind)] = [
        (.rcpt, 550, "5.1.1", .recipientInvalid), (.rcpt, 550, nil, .permanentUnknown),
        (.rcpt, 550, "5.1.10", .recipientInvalid), (.rcpt, 553, nil, .permanentUnknown),
        (.rcpt, 552, "5.2.2", .recipientUnreachable), (.rcpt, 550, "5.2.1", .recipientUnreachable),
        (.rcpt, 553, "5.6.7", .recipientUnreachable), (.mail, 553, "5.6.7", .contentRejected),
        (.final, 552, "5.3.4", .contentTooLarge), (.mail, 552, nil, .contentTooLarge),
        (.final, 552, nil, .contentTooLarge),
        (.final, 550, "5.7.1", .contentRejected), (.final, 554, nil, .contentRejected),
        (.rcpt, 550, "5.7.1", .permanentUnknown),
        (.final, 550, "5.7.25", .configuration), (.final, 550, "5.7.26", .senderRejected),
        (.mail, 550, "5.1.8", .senderRejected), (.mail, 553, "5.1.7", .senderRejected),
        (.mail, 550, nil, .senderRejected), (.mail, 501, nil, .senderRejected), (.mail, 553, nil, .senderRejected),
        (.mail, 550, "5.7.1", .senderRejected), (.mail, 550, "5.7.60", .senderRejected),
        (.mail, 502, nil, .configuration), (.mail, 555, nil, .configuration), (.mail, 554, nil, .configuration),
        (.mail, 530, "5.7.0", .auth), (.mail, 535, "5.7.8", .auth), (.final, 550, "5.7.9", .auth),
        (.rcpt, 530, nil, .auth),
        (.rcpt, 450, "4.2.0", .recipientDeferred),
        (.rcpt, 451, "4.7.1", .recipientDeferred), (.mail, 421, "4.3.0", .transient),
        (.mail, 421, "4.7.28", .throttled),
        (.mail, 451, "4.1.8", .contentDeferred), (.mail, 454, "4.7.0", .transient),
        (.final, 452, "4.3.1", .throttled), (.final, 452, "4.2.2", .recipientDeferred),
        (.final, 450, "4.7.1", .contentDeferred), (.final, 451, nil, .transient), (.final, 250, nil, .ambiguous),
        (.data, 554, nil, .contentRejected), (.rcpt, 554, nil, .permanentUnknown),
    ]

    @Test(arguments: table)
    func `each refusal has its meaning`(stage: MailAnswer.Stage, code: Int, enhanced: String?, kind: Outcome.Kind) {
        let answer = MailAnswer.rejected(stage: stage, code: code, enhanced: enhanced, text: "no")
        #expect(SMTPProvider.outcome(of: answer, recipient: "a@b.example").kind == kind)
    }

    static let words: [(MailAnswer.Stage, Int, String?, String, Outcome.Kind)] = [
        (.rcpt, 554, "5.7.1", "<ann@example.org>: Relay access denied", .auth),
        (.rcpt, 550, nil, "relay not permitted", .auth),
        (.rcpt, 550, "5.7.54", "SMTP; Unable to relay recipient", .auth),
        (.rcpt, 554, "5.7.1", "<h[192.0.2.1]>: Client host rejected: Access denied", .configuration),
        (.mail, 554, "5.7.1", "<h[192.0.2.1]>: Client host rejected: Access denied", .configuration),
        (.rcpt, 553, "5.7.1", "<a@b.example>: Sender address rejected: not owned by user", .senderRejected),
        (.mail, 554, "5.7.1", "<a@b.example>: Sender address rejected: Access denied", .senderRejected),
        // Text within a recipient's address must not be mistaken for an error of the relay.
        (.rcpt, 550, nil, "<relay access denied@b.example> unknown", .recipientInvalid),
        (.rcpt, 550, "5.1.1", "relay access denied", .recipientInvalid),
    ]

    @Test(arguments: words)
    func `where one code has several meanings its words decide`(
        stage: MailAnswer.Stage, code: Int, enhanced: String?, text: String, kind: Outcome.Kind
    ) {
        let answer = MailAnswer.rejected(stage: stage, code: code, enhanced: enhanced, text: text)
        #expect(SMTPProvider.outcome(of: answer, recipient: "ann@example.org").kind == kind)
    }

    @Test func `a refused sender is the relay's matter where it is a setting, else the mail's`() {
        let answer = MailAnswer.rejected(stage: .mail, code: 550, enhanced: "5.1.8", text: "no such domain")
        #expect(SMTPProvider.outcome(of: answer, recipient: "", senderIsSetting: true).kind == .configuration)
        #expect(SMTPProvider.outcome(of: answer, recipient: "", senderIsSetting: false).kind == .senderRejected)
    }

    @Test func `nothing that a recipient can cause pauses or slows the relay`() {
        for code in Array(400...459) + Array(500...559) where ![530, 534, 535, 538].contains(code) {
            for enhanced in [nil, "5.1.1", "5.2.2", "5.7.1", "5.0.0"] {
                let answer = MailAnswer.rejected(stage: .rcpt, code: code, enhanced: enhanced, text: "no")
                let kind = SMTPProvider.outcome(of: answer, recipient: "").kind
                #expect([.recipient, .message].contains(kind.fault), "\(code) \(enhanced ?? "")")
            }
        }
    }

    @Test func `a fault of the transport keeps its proof`() {
        let kinds = [TransportFault.Proof.notSent, .unknown, .configuration].map {
            SMTPProvider.outcome(of: .failure(TransportFault($0, code: 7, "no connection")), recipient: "").kind
        }
        #expect(kinds == [.transient, .ambiguous, .configuration])
    }

    @Test func `the mail goes to the relay with its envelope`() throws {
        let relay = MailRelay(host: "127.0.0.1", port: 2525, security: .none)
        let provider = SMTPProvider(name: "smtp", relay: relay, returnPath: ReturnPath(address: "bounces@example.com"))
        let content = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "S", text: "T")
        let transport = FakeTransport()
        let outcome = send(provider, outbound(.email(content), to: "ann@example.org"), over: transport)
        #expect(outcome?.kind == .accepted)
        #expect(outcome?.providerID == "Q1")
        let mail = try #require(transport.mails.first)
        #expect(mail.from == "bounces@example.com")
        #expect(mail.recipient == "ann@example.org")
        #expect(mail.relay == relay)
    }

    @Test func `a domain goes out in its ASCII form, a name before the @ as it is`() throws {
        let provider = SMTPProvider(name: "smtp", relay: MailRelay(host: "h", port: 25))
        let content = EmailContent(from: Mailbox(name: "Läden", address: "shop@läden.example"), subject: "S", text: "T")
        let transport = FakeTransport()
        for address in ["ann@Bücher.example", "änne@bücher.example"] {
            #expect(send(provider, outbound(.email(content), to: address), over: transport)?.kind == .accepted)
        }
        #expect(transport.mails.map(\.from) == ["shop@xn--lden-loa.example", "shop@xn--lden-loa.example"])
        #expect(transport.mails.map(\.recipient) == ["ann@xn--bcher-kva.example", "änne@xn--bcher-kva.example"])
        let headers = transport.mails.map { String(decoding: $0.data, as: UTF8.self) }
        #expect(headers[0].contains("\r\nTo: ann@xn--bcher-kva.example\r\n"))
        #expect(headers[0].utf8.allSatisfy { $0 < 0x80 })
        #expect(headers[0].contains("<shop@xn--lden-loa.example>\r\n"))
        #expect(headers[1].contains("\r\nTo: änne@xn--bcher-kva.example\r\n"))
    }

    @Test(arguments: [
        ("mail.example.org", "mail.example.org"), ("Mail.Bücher.example", "Mail.xn--bcher-kva.example"),
        ("box", "[192.0.2.7]"), ("", "[192.0.2.7]"), ("localhost", "[192.0.2.7]"), ("box.local", "[192.0.2.7]"),
        ("box.localdomain", "[192.0.2.7]"), ("ip-10-0-0-1", "[192.0.2.7]"), ("a_b", "[192.0.2.7]"),
    ])
    func `a machine without a qualified name greets with its address`(machine: String, name: String) {
        #expect(HelloName.standard(machine: machine, address: "192.0.2.7") == name)
        let v6 = HelloName.standard(machine: "box", address: "2001:db8::7")
        #expect(v6 == "[IPv6:2001:db8::7]")
        #expect(HelloName.address(towardsLoopback: true) == "127.0.0.1")
    }

    @Test func `a bad address ends the attempt without a call`() {
        let provider = SMTPProvider(name: "smtp", relay: MailRelay(host: "h", port: 25))
        let content = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "S", text: "T")
        let transport = FakeTransport()
        let outcome = send(provider, outbound(.email(content), to: "not an address"), over: transport)
        #expect(outcome?.kind == .recipientInvalid)
        #expect(transport.mails.isEmpty)
        #expect(outcome?.detail.contains("not an address") == false)
    }

    @Test func `a log line shows neither addresses nor numbers nor tokens`() {
        let answer = MailAnswer.rejected(
            stage: .rcpt, code: 550, enhanced: "5.1.1",
            text: "<ann@example.org>: no such user\r\ncall +15005550001 \(String(repeating: "x", count: 90))")
        let detail = SMTPProvider.outcome(of: answer, recipient: "ann@example.org").detail
        #expect(detail == "rcpt: 550 5.1.1 … no such user call … …")
    }

    @Test func `the name to greet with and the authorities are settings`() throws {
        func relay(_ settings: [String: String]) throws -> MailRelay? {
            let all = ["host": "relay.example"].merging(settings) { $1 }
            let product = try factory().make(ProviderInstance(name: "relay", type: "smtp", settings: all))
            return (product.provider as? SMTPProvider)?.relay
        }
        let standard = try #require(try relay([:])?.helloName)
        #expect(HelloName.isQualified(standard) || standard.hasPrefix("["), "\(standard)")
        #expect(try relay(["helo": "Mail.bücher.example"])?.helloName == "Mail.xn--bcher-kva.example")
        #expect(try relay(["helo": "[192.0.2.1]"])?.helloName == "[192.0.2.1]")
        #expect(throws: ProviderError.self) { try relay(["helo": "two words"]) }
        #expect(throws: ProviderError.self) { try relay(["helo": "a\r\nMAIL"]) }
        #expect(try relay(["ca_file": "/dev/null"])?.caFile == "/dev/null")
        #expect(throws: ProviderError.self) { try relay(["ca_file": "/nope.pem"]) }
    }
}
