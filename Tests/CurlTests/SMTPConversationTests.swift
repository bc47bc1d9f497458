import Testing

@testable import Curl

/// The exchange for one message in tables: replies in, steps out.
struct SMTPConversationTests {
    private static let pipelining = SMTPCapabilities(pipelining: true)

    private func conversation(
        _ recipients: [String] = ["a@example.com"], _ capabilities: SMTPCapabilities = pipelining,
        from: String = "s@x.y"
    ) -> SMTPConversation {
        SMTPConversation(
            from: from, recipients: recipients, size: 99, hasEightBit: true,
            needsUTF8: !([from] + recipients).allSatisfy(\.isASCII), capabilities: capabilities)
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func reply(_ line: String) -> SMTPReply {
        SMTPReply(code: Int(line.prefix(3)) ?? 0, text: String(line.dropFirst(4)))
    }

    @Test("With PIPELINING all commands are sent together")
    func pipelined() {
        var talk = conversation(["a@example.com", "b@example.com"])
        #expect(
            text(talk.start(afterReset: false))
                == "MAIL FROM:<s@x.y>\r\nRCPT TO:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
        #expect(talk.receive(reply("250 ok")) == .wait)
        #expect(talk.receive(reply("250 ok")) == .wait)
        #expect(talk.receive(reply("550 5.1.1 no such user")) == .wait)
        #expect(talk.receive(reply("354 go on")) == .sendMessage(empty: false))
        let accepted = reply("250 2.0.0 Ok: queued as 4F1")
        let refused = RefusedRecipient(address: "b@example.com", reply: reply("550 5.1.1 no such user"))
        #expect(talk.receive(accepted) == .finish(.accepted(accepted, queueID: "4F1", refused: [refused])))
        #expect(!talk.needsReset)
    }

    @Test("Without PIPELINING each command waits for the previous reply")
    func stepByStep() {
        var talk = conversation(["a@example.com", "b@example.com"], SMTPCapabilities())
        #expect(text(talk.start(afterReset: false)) == "MAIL FROM:<s@x.y>\r\n")
        #expect(talk.receive(reply("250 ok")) == .send(Array("RCPT TO:<a@example.com>\r\n".utf8)))
        #expect(talk.receive(reply("450 later")) == .send(Array("RCPT TO:<b@example.com>\r\n".utf8)))
        #expect(talk.receive(reply("251 forwarded")) == .send(Array("DATA\r\n".utf8)))
        #expect(talk.receive(reply("354 go on")) == .sendMessage(empty: false))
        #expect(talk.receive(reply("452 4.3.1 full")) == .finish(.rejected(.message, reply("452 4.3.1 full"))))
    }

    @Test("Parameters are used only if the server offers them")
    func parameters() {
        let all = SMTPCapabilities(eightBitMIME: true, smtpUTF8: true, size: true)
        var talk = conversation(["ü@example.com"], all)
        #expect(text(talk.start(afterReset: false)) == "MAIL FROM:<s@x.y> SIZE=99 BODY=8BITMIME SMTPUTF8\r\n")
        var plain = conversation(["a@example.com"], all)
        #expect(text(plain.start(afterReset: false)) == "MAIL FROM:<s@x.y> SIZE=99 BODY=8BITMIME\r\n")
        var bounce = conversation(["a@example.com"], SMTPCapabilities(), from: "")
        #expect(text(bounce.start(afterReset: false)) == "MAIL FROM:<>\r\n")
    }

    @Test(
        "A rejection has its stage, and says whether the transaction is still open",
        arguments: [
            (["550 5.7.1 no", "503 need MAIL", "503 need RCPT"], MailStage.sender, "550 5.7.1 no", false),
            (["250 ok", "550 5.1.1 who", "554 no valid recipients"], .recipient, "550 5.1.1 who", true),
            (["250 ok", "250 ok", "451 4.3.0 busy"], .data, "451 4.3.0 busy", true),
            (["250 ok", "250 ok", "250 what"], .data, "250 what", true),
            (["250 ok", "250 ok", "354 go", "554 5.6.0 spam"], .message, "554 5.6.0 spam", false),
            (["421 4.3.2 closing"], .sender, "421 4.3.2 closing", false),
            (["250 ok", "421 closing"], .recipient, "421 closing", true),
            (["250 ok", "250 ok", "354 go", "421 closing"], .message, "421 closing", true),
        ])
    func rejections(replies: [String], stage: MailStage, decisive: String, needsReset: Bool) {
        var talk = conversation()
        _ = talk.start(afterReset: false)
        var last = SMTPConversation.Step.wait
        for line in replies { last = talk.receive(reply(line)) }
        #expect(last == .finish(.rejected(stage, reply(decisive))))
        #expect(talk.needsReset == needsReset)
        #expect(talk.closes == (reply(decisive).code == 421))
    }

    @Test("A server that asks for the message after refusing every recipient gets an empty one")
    func emptyMessage() {
        var talk = conversation()
        _ = talk.start(afterReset: false)
        _ = talk.receive(reply("250 ok"))
        _ = talk.receive(reply("550 who"))
        #expect(talk.receive(reply("354 go")) == .sendMessage(empty: true))
        #expect(talk.receive(reply("250 thanks for nothing")) == .finish(.rejected(.recipient, reply("550 who"))))
    }

    @Test("A reset precedes the message, and a rejected reset ends the connection")
    func reset() {
        var talk = conversation()
        #expect(text(talk.start(afterReset: true)).hasPrefix("RSET\r\nMAIL FROM"))
        #expect(talk.receive(reply("250 flushed")) == .wait)
        #expect(talk.receive(reply("250 ok")) == .wait)
        var other = conversation()
        _ = other.start(afterReset: true)
        #expect(other.receive(reply("502 what")) == .finish(.rejected(.sender, reply("502 what"))))
        #expect(other.closes)
    }

    @Test("Replies are parsed whole, however the bytes are split")
    func cutReplies() throws {
        let bytes = Array("250-first\r\n250 2.1.0 second\r\n550-5.1.1 no\r\n550 5.1.1 user\n354\r\n".utf8)
        for size in 1...bytes.count {
            var parser = SMTPReplyParser()
            var replies: [SMTPReply] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                parser.append(Array(bytes[start..<min(start + size, bytes.count)]))
                while let reply = try parser.next() { replies.append(reply) }
            }
            #expect(replies.map(\.code) == [250, 550, 354])
            #expect(replies.map(\.enhancedStatus) == [nil, "5.1.1", nil])
            #expect(replies.map(\.text) == ["first 2.1.0 second", "no user", ""])
        }
    }

    @Test(
        "Replies that are not SMTP are rejected",
        arguments: [
            "HTTP/1.1 400 Bad\r\n", "25\r\n", "250-a\r\n251 b\r\n", "999 x\r\n", "100 x\r\n", "250_x\r\n", "\r\n",
            String(repeating: "2", count: 5_000),
            String(repeating: "250-\(String(repeating: "x", count: 1_000))\r\n", count: 80),
        ])
    func malformed(text: String) {
        var parser = SMTPReplyParser()
        parser.append(Array(text.utf8))
        #expect(throws: SMTPReplyParser.Malformed()) { while try parser.next() != nil {} }
    }

    @Test(
        "The queue id is found in the formats of common servers",
        arguments: [
            ("2.0.0 Ok: queued as 4Z9xW0", "4Z9xW0"), ("OK id=1tEsT0-0001Ab-2c", "1tEsT0-0001Ab-2c"),
            ("2.0.0 xAM0t1 Message accepted for delivery", "xAM0t1"),
            ("Ok 0100018f2c-aaaa-000000", "0100018f2c-aaaa-000000"),
            ("2.6.0 <m@x.y> [InternalId=123456, Hostname=h] Queued mail for delivery", "123456"),
            ("2.0.0 Ok", nil), ("thank you", nil),
        ] as [(String, String?)])
    func queueIDs(text: String, expected: String?) {
        #expect(SMTPReply(code: 250, text: text).queueID == expected)
    }

    @Test(
        "Dots are stuffed and the end marker is appended",
        arguments: [
            ("", ".\r\n"), ("a\r\n", "a\r\n.\r\n"), ("a", "a\r\n.\r\n"),
            (".a\r\n..b\r\nc.d\r\n.\r\n", "..a\r\n...b\r\nc.d\r\n..\r\n.\r\n"),
        ] as [(String, Substring)])
    func dotStuffing(message: String, wire: Substring) throws {
        #expect(String(decoding: try SMTPData.encode(Array(message.utf8)), as: UTF8.self) == wire)
    }

    @Test(
        "Text that servers might read as the end of the message is rejected",
        arguments: ["a\n.\n", "a\r.\r\n", "a\r", "a\n", "\n", "a\0b\r\n", "a\r\r\n"])
    func smuggling(message: String) {
        #expect(throws: TransferFailure.self) { try SMTPData.encode(Array(message.utf8)) }
    }

    @Test(
        "An address that could end its command is rejected",
        arguments: [
            "a@b\r\nRCPT TO:<c@d>", "a@b>", "<a@b", "a b@c", "a@b\u{7F}", "", "nobody", "a@b\n", "a@b\0",
            String(repeating: "x", count: 250) + "@b.cc",
        ])
    func addresses(address: String) {
        let server = SMTPServer(url: "smtp://127.0.0.1:25")
        let toward = MailSubmission(server: server, from: "s@x.y", recipients: [address], data: [])
        #expect(throws: TransferFailure.self) { try toward.validate() }
        guard !address.isEmpty, address != "nobody" else { return }
        let from = MailSubmission(server: server, from: address, recipients: ["a@b"], data: [])
        #expect(throws: TransferFailure.self) { try from.validate() }
    }

    @Test(
        "A server's URL is scheme, host and port only",
        arguments: ["http://h", "smtp://", "smtp://u:p@h", "smtp://h/x", "smtp://h?x", "smtp://h\r\nx", "h:25"])
    func serverURLs(url: String) {
        #expect(throws: TransferFailure.self) { try SMTPServer(url: url).validate() }
    }
}
