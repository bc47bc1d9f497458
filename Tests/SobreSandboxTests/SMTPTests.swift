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

    @Test func `An email is recorded with all data from its header before it is answered`() async throws {
        try await withSandbox({ $0.storesBodies = true }) { bench in
            let client = try bench.smtp()
            #expect(try client.command("MAIL FROM:<bounce@example.com> SIZE=900").code == 250)
            #expect(try client.command("RCPT TO:<ann@example.com>").code == 250)
            #expect(try client.command("DATA").code == 354)
            let reply = try client.command(Self.mail + ".")
            #expect(reply.code == 250)
            let message = try #require(try bench.received().messages.first)
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

    @Test func `Pipelined commands are answered in order`() async throws {
        try await withSandbox { bench in
            let client = try bench.smtp()
            let one = "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nRCPT TO:<e@f.test>\r\nDATA\r\n"
            try client.send(one + "Subject: 1\r\n\r\nx\r\n.\r\n" + one + "Subject: 2\r\n\r\ny\r\n.\r\nQUIT\r\n")
            let codes = try (0..<11).map { _ in try client.reply().code }
            #expect(codes == [250, 250, 250, 354, 250, 250, 250, 250, 354, 250, 221])
            #expect(try client.rest() == "")
            let messages = try bench.received().messages
            #expect(messages.map(\.title) == ["1", "1", "2", "2"])
            #expect(messages.map(\.to) == ["c@d.test", "e@f.test", "c@d.test", "e@f.test"])
            #expect(messages[0].providerID == messages[1].providerID)
            #expect(messages[1].providerID != messages[2].providerID)
        }
    }
}

extension SMTPTests {
    @Test func `Content ends only with CRLF dot CRLF, however the bytes arrive`() throws {
        let stream = Array("a\r\n..b\n.\nc\r\n.\rd\r\n.\r\nNOOP\r\n".utf8)
        for step in 1...stream.count {
            var input = SMTPInput()
            input.beginContent(keeping: 1000)
            var events: [SMTPInput.Event] = []
            var content = ""
            for start in stride(from: 0, to: stream.count, by: step) {
                input.append(stream[start..<min(start + step, stream.count)])
                while let event = input.next() {
                    if event == .endOfContent { content = String(decoding: input.takeContent(), as: UTF8.self) }
                    events.append(event)
                }
            }
            #expect(events == [.endOfContent, .line(Array("NOOP".utf8))], "in pieces of \(step)")
            #expect(content == "a\r\n.b\n.\nc\r\n\rd\r\n", "in pieces of \(step)")
            #expect(input.bareLineFeeds == 2 && input.contentLength == content.utf8.count)
        }
    }

    @Test func `Invalid and misplaced commands are rejected, and the session continues`() async throws {
        try await withSandbox { bench in
            let client = try TestClient(port: bench.sandbox.smtpPort)
            _ = try client.reply()
            let talk: [(String, Int)] = [
                ("MAIL FROM:<a@b.test>", 503), ("EHLO", 501), ("HELO me", 250), ("RCPT TO:<a@b.test>", 503),
                ("DATA", 503), ("MAIL FROM:a@b.test", 501), ("MAIL FROM:<a b@c.test>", 501),
                ("MAIL FROM:<a@b.test> SIZE=99999999999", 552), ("MAIL FROM:<a@b.test> SIZE=x", 501),
                ("MAIL FROM:<a@b.test> COLOUR=red", 555), ("MAIL FROM:<>", 250), ("MAIL FROM:<a@b.test>", 503),
                ("DATA", 554), ("RCPT TO:<>", 501), ("RCPT TO:<unknown@simulator.test>", 550),
                ("RCPT TO:<full@simulator.test>", 452), ("RCPT TO:<later@simulator.test>", 451), ("RSET", 250),
                ("DATA", 503), ("VRFY a", 252), ("NOOP", 250), ("FROBNICATE", 500), ("AUTH", 501),
                ("AUTH CRAM-MD5", 504), ("AUTH PLAIN", 334), ("*", 501), ("AUTH PLAIN AGEAYg==", 235),
                ("AUTH LOGIN", 334), ("YQ==", 334), ("Yg==", 235), ("AUTH LOGIN YQ==", 334), ("!", 501),
                ("EHLO \u{1}", 500), (String(repeating: "x", count: 20_000), 500), ("NOOP", 250), ("QUIT", 221),
            ]
            for (line, code) in talk {
                #expect(try client.command(line).code == code, "\(line.prefix(40))")
            }
            #expect(try client.rest() == "")
        }
    }

    @Test func `A client that only makes errors is disconnected`() async throws {
        try await withSandbox { bench in
            let client = try bench.smtp()
            var codes: [Int] = []
            while codes.last != 421, codes.count < 100 { codes.append(try client.command("WHAT").code) }
            #expect(codes.count == SMTPSession.maxErrors)
            #expect(try client.rest() == "")
        }
    }

    @Test func `An email over the limit is read to its end, rejected and recorded`() async throws {
        try await withSandbox({ $0.maxBodyBytes = 100_000 }) { bench in
            let client = try bench.smtp()
            try client.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n")
            for _ in 0..<3 { _ = try client.reply() }
            let line = String(repeating: "x", count: 998) + "\r\n"
            try client.send("Subject: big\r\n\r\n" + String(repeating: line, count: 200) + ".\r\n")
            #expect(try client.reply().code == 552)
            #expect(try client.command("NOOP").code == 250)
            let message = try #require(try bench.received().messages.first)
            #expect(!message.accepted && message.answered && message.title == "big" && message.bytes == 200_016)
        }
    }

    @Test func `Random bytes damage neither the sandbox nor its record`() async throws {
        try await withSandbox { bench in
            var random = SystemRandomNumberGenerator()
            for _ in 0..<20 {
                let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &random) }
                for port in [bench.sandbox.smtpPort, bench.sandbox.httpPort] {
                    let client = try TestClient(port: port)
                    try? client.send(noise)
                    client.close()
                }
                let client = try bench.smtp()
                try client.send(Array("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n".utf8))
                for _ in 0..<3 { _ = try client.reply() }
                try client.send(noise + Array("\r\n.\r\n".utf8))
                #expect(try client.reply().code == 250)
            }
            #expect(try bench.received().messages.count == 20)
        }
    }

    @Test(
        arguments: [
            ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"), ("=?UTF-8?B?4oKs?= =?utf-8?b?4oKs?= x", "€€ x"),
            ("=?iso-8859-1?q?caf=E9_au_lait?=", "café au lait"), ("=?koi8-r?q?abc?=", "=?koi8-r?q?abc?="),
            ("=?utf-8?x?a?= =?", "=?utf-8?x?a?= =?"), ("a =?utf-8*en?q?b?= c", "a b c"), ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
        ])
    func `Encoded words in known character sets are decoded`(text: String, decoded: String) {
        #expect(EncodedWords.decoded(text) == decoded)
    }

    @Test func `The text of an email is found through its parts and encodings`() {
        func text(_ mail: String) -> String {
            var message = ReceivedMessage(at: 0, channel: .email, provider: "smtp", to: "")
            MailSummary.read(Array(mail.utf8), into: &message)
            return message.text
        }
        #expect(text("\r\nplain") == "plain")
        #expect(text("Subject: no body") == "")
        #expect(text("") == "")
        #expect(text("Content-Transfer-Encoding: base64\r\n\r\n\(base64("Grüße"))\r\n") == "Grüße")
        let html = "Content-Type: text/html\r\n\r\n<html><head><style>p{}</style></head><p>One <b>two</b></p>"
        #expect(text(html) == "One two")
        let nested = """
            Content-Type: multipart/mixed; boundary=out\r\n\r\npreamble\r\n--out\r
            Content-Type: multipart/alternative; boundary="in ner"\r\n\r\n--in ner\r
            Content-Type: text/plain\r\n\r\nfound\r\n--in ner--\r\n--out--\r\n
            """
        #expect(text(nested) == "found")
        let deep = (0..<50).map { "Content-Type: multipart/mixed; boundary=b\($0)\r\n\r\n--b\($0)\r\n" }.joined()
        #expect(text(deep) == "")
    }
}
