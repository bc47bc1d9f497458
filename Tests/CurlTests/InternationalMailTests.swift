import Testing

@testable import Curl

/// Non-ASCII addresses (RFC 6531).
@Suite(.timeLimit(.minutes(1)))
struct InternationalMailTests {
    private static let offers = ["PIPELINING", "8BITMIME", "SMTPUTF8"]

    @Test("SMTPUTF8 is requested only if an address or the header needs it")
    func asked() async throws {
        let peer = SMTPPeer(offers: Self.offers)
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let plain = "Subject: t\r\n\r\nbody\r\n"
        let mails: [(String, String)] = [
            ("ann@example.com", plain), ("änne@xn--bcher-kva.example", plain),
            ("ann@example.com", "To: <änne@example.com>\r\n\r\nbody\r\n"),
            ("ann@example.com", "Subject: t\r\n\r\nGrüße\r\n"),
        ]
        for (recipient, text) in mails {
            let result = await loop.perform(.test(port: server.port, recipients: [recipient], text: text))
            #expect(result.outcome.isAccepted)
        }
        let senders = peer.commands.values.filter { $0.hasPrefix("MAIL") }
        #expect(senders.map { $0.hasSuffix(" SMTPUTF8") } == [false, true, true, false])
        #expect(peer.commands.values.contains("RCPT TO:<änne@xn--bcher-kva.example>"))
        await loop.shutdown()
    }

    @Test("Without SMTPUTF8 on the server the email is rejected permanently, and the connection stays usable")
    func refused() async throws {
        let peer = SMTPPeer()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let mails: [(String, String, MailStage)] = [
            ("änne@example.com", "Subject: t\r\n\r\nbody\r\n", .recipient),
            ("ann@example.com", "From: <lädchen@example.com>\r\n\r\nbody\r\n", .sender),
        ]
        for (recipient, text, expected) in mails {
            let result = await loop.perform(.test(port: server.port, recipients: [recipient], text: text))
            guard case .rejected(let stage, let reply) = result.outcome else {
                Issue.record("not rejected: \(result.outcome)")
                continue
            }
            #expect(stage == expected)
            #expect(reply.code == 553 && reply.enhancedStatus == "5.6.7")
        }
        #expect(await loop.perform(.test(port: server.port)).outcome.isAccepted)
        #expect(peer.messages.values.count == 1)
        #expect(server.accepted == 1)
        await loop.shutdown()
    }
}
