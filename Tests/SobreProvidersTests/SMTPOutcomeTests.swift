import SobreDelivery
import SobreModel
import Testing

@testable import SobreProviders

@Suite("SMTP answers")
struct SMTPOutcomeTests {
    static let table: [(MailAnswer.Stage, Int, String?, Outcome.Kind)] = [
        (.rcpt, 550, "5.1.1", .recipientInvalid), (.rcpt, 550, nil, .recipientInvalid),
        (.rcpt, 550, "5.1.10", .recipientInvalid), (.rcpt, 553, nil, .recipientInvalid),
        (.rcpt, 552, "5.2.2", .recipientUnreachable), (.rcpt, 550, "5.2.1", .recipientUnreachable),
        (.final, 552, "5.3.4", .contentTooLarge), (.mail, 552, nil, .contentTooLarge),
        (.final, 552, nil, .contentTooLarge),
        (.final, 550, "5.7.1", .contentRejected), (.final, 554, nil, .contentRejected),
        (.rcpt, 550, "5.7.1", .permanentUnknown),
        (.final, 550, "5.7.26", .configuration), (.mail, 550, "5.1.8", .configuration),
        (.mail, 550, nil, .configuration),
        (.mail, 530, "5.7.0", .auth), (.mail, 535, "5.7.8", .auth), (.rcpt, 450, "4.2.0", .throttled),
        (.rcpt, 451, "4.7.1", .throttled), (.mail, 421, "4.3.0", .transient), (.mail, 421, "4.7.28", .throttled),
        (.final, 452, "4.3.1", .throttled), (.final, 451, nil, .transient), (.final, 250, nil, .ambiguous),
        (.data, 554, nil, .contentRejected), (.rcpt, 554, nil, .permanentUnknown),
    ]

    @Test(arguments: table)
    func `each refusal has its meaning`(stage: MailAnswer.Stage, code: Int, enhanced: String?, kind: Outcome.Kind) {
        let answer = MailAnswer.rejected(stage: stage, code: code, enhanced: enhanced, text: "no")
        #expect(SMTPProvider.outcome(of: answer, recipient: "a@b.example").kind == kind)
    }

    @Test func `a fault of the transport keeps its proof`() {
        let kinds = [TransportFault.Proof.notSent, .unknown, .configuration].map {
            SMTPProvider.outcome(of: .failure(TransportFault($0, code: 7, "no connection")), recipient: "").kind
        }
        #expect(kinds == [.transient, .ambiguous, .configuration])
    }

    @Test func `the mail goes to the relay with its envelope`() throws {
        let relay = MailRelay(host: "127.0.0.1", port: 2525, security: .none)
        let provider = SMTPProvider(name: "smtp", relay: relay, returnPath: "bounces@example.com")
        let content = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "S", text: "T")
        let transport = FakeTransport()
        let outcome = send(provider, parcel(.email(content), to: "ann@example.org"), over: transport)
        #expect(outcome?.kind == .accepted)
        #expect(outcome?.providerID == "Q1")
        let mail = try #require(transport.mails.first)
        #expect(mail.from == "bounces@example.com")
        #expect(mail.recipient == "ann@example.org")
        #expect(mail.relay == relay)
    }

    @Test func `a bad address ends the attempt without a call`() {
        let provider = SMTPProvider(name: "smtp", relay: MailRelay(host: "h", port: 25))
        let content = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "S", text: "T")
        let transport = FakeTransport()
        let outcome = send(provider, parcel(.email(content), to: "not an address"), over: transport)
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
}
