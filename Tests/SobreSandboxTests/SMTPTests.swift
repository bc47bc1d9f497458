import Testing

@testable import SobreSandbox

@Suite struct SMTPTests {
    static let mail = """
        From: Shop <shop@example.com>\r
        To: ann@example.com\r
        Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?= aus\r
         =?utf-8?B?S8O2bG4=?=\r
        Message-ID: <m1@example.com>\r
        X-Sobre-Recipient: p-1\r
        X-Sobre-Id: msg-1\r
        X-Sobre-Campaign: thanks\r
        X-Sobre-Category: marketing\r
        X-Sobre-Possible-Duplicate: true\r
        MIME-Version: 1.0\r
        Content-Type: multipart/alternative; boundary="b1"\r
        \r
        --b1\r
        Content-Type: text/plain; charset=utf-8\r
        Content-Transfer-Encoding: quoted-printable\r
        \r
        Hello =E2=82=AC\r
        ..two dots\r
        --b1\r
        Content-Type: text/html\r
        \r
        <p>Hello</p>\r
        --b1--\r

        """

    @Test func `A mail is recorded with all that its header says before it is answered`() async throws {
        try await withSandbox({ $0.storesBodies = true }) { bench in
            let client = try bench.smtp()
            #expect(try client.command("MAIL FROM:<bounce@example.com> SIZE=900").code == 250)
            #expect(try client.command("RCPT TO:<ann@example.com>").code == 250)
            #expect(try client.command("DATA").code == 354)
            let reply = try client.command(Self.mail + ".")
            #expect(reply.code == 250)
            let message = try #require(try bench.witness().messages.first)
            #expect(reply.lines == ["2.0.0 Ok: queued as \(message.providerID ?? "")"])
            #expect(message.title == "Grüße aus Köln")
            #expect(message.text == "Hello € .two dots")
            #expect(message.from == "Shop <shop@example.com>")
            #expect(message.to == "ann@example.com")
            #expect(message.person == "p-1")
            #expect(message.reference == "msg-1")
            #expect(message.messageID == "<m1@example.com>")
            #expect(message.campaign == "thanks")
            #expect(message.category == "marketing")
            #expect(message.possibleDuplicate && message.accepted && message.answered)
            let body = fileText(bench.directory + "/bodies/" + (message.body ?? ""))
            #expect(body == Self.mail.replacing("..two", with: ".two"))
            #expect(message.bytes == body.utf8.count)
        }
    }

    @Test func `Commands sent in one piece are answered in order`() async throws {
        try await withSandbox { bench in
            let client = try bench.smtp()
            let one = "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<e@f.test>\r\nDATA\r\n"
            try client.send(one + "Subject: 1\r\n\r\nx\r\n.\r\n" + one + "Subject: 2\r\n\r\ny\r\n.\r\nQUIT\r\n")
            let codes = try (0..<11).map { _ in try client.reply().code }
            #expect(codes == [250, 250, 250, 354, 250, 250, 250, 250, 354, 250, 221])
            #expect(try client.rest() == "")
            let messages = try bench.witness().messages
            #expect(messages.map(\.title) == ["1", "1", "2", "2"])
            #expect(messages.map(\.to) == ["c@d.test", "e@f.test", "c@d.test", "e@f.test"])
            #expect(messages[0].providerID == messages[1].providerID)
            #expect(messages[1].providerID != messages[2].providerID)
        }
    }
}
