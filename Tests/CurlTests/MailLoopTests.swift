import Testing

@testable import Curl

/// The mail loop against scripted servers on real sockets.
@Suite(.timeLimit(.minutes(1)))
struct MailLoopTests {
    @Test("A message arrives byte for byte, with its dots stuffed, and the queue id comes back")
    func delivery() async throws {
        let peer = SMTPPeer()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let text = "Subject: t\r\n\r\n.leading dot\r\n" + String(repeating: "x", count: 300_000)
        let result = await loop.perform(.test(port: server.port, text: text))
        guard case .accepted(let reply, let queueID, let refused) = result.outcome else {
            Issue.record("not accepted: \(result.outcome)")
            return
        }
        #expect(reply.code == 250 && reply.enhancedStatus == "2.0.0")
        #expect(queueID == "Q1" && refused.isEmpty)
        #expect(peer.commands.values.first == "EHLO client.example.com")
        #expect(peer.messages.values == [text.replacingDots + "\r\n.\r\n"])
        await loop.shutdown()
    }

    @Test("Messages to one server share its connections, up to the bound of messages")
    func reuse() async throws {
        let peer = SMTPPeer()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop(configuration: MailLoopConfiguration(maxMessagesPerConnection: 5))
        for _ in 0..<20 {
            let result = await loop.perform(.test(port: server.port))
            #expect(result.outcome.isAccepted)
        }
        #expect(server.accepted == 4)
        #expect(peer.messages.values.count == 20)
        #expect(!peer.commands.values.contains("RSET"))
        await loop.shutdown()
    }

    @Test(
        "Rejections at each stage are distinguished, and the connection stays usable",
        arguments: [
            ("MAIL", "550 5.7.1 not you", MailStage.sender), ("MAIL", "451 4.7.1 later", .sender),
            ("RCPT", "550 5.1.1 unknown", .recipient), ("RCPT", "450-4.2.1 busy\r\n450 4.2.1 really", .recipient),
            ("DATA", "554 5.5.1 no", .data), (".", "554 5.6.0 spam", .message), (".", "452 4.3.1 full", .message),
        ], [["PIPELINING"], []])
    func rejections(at command: (on: String, reply: String, stage: MailStage), offers: [String]) async throws {
        let usual = SMTPPeer().reply
        let toReject = Counter()
        let peer = SMTPPeer(
            offers: offers,
            reply: { line in
                guard line.hasPrefix(command.on), toReject.value == 0 else { return usual(line) }
                toReject.increment()
                return command.reply
            })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let result = await loop.perform(.test(port: server.port))
        // With PIPELINING, this server accepts DATA anyway and gets an empty message.
        guard case .rejected(let stage, let reply) = result.outcome else {
            Issue.record("not rejected: \(result.outcome)")
            return
        }
        #expect(stage == command.stage)
        #expect(reply.code == Int(command.reply.prefix(3)))
        #expect(reply.enhancedStatus == command.reply.dropFirst(4).split(separator: " ").first.map(String.init))
        let next = await loop.perform(.test(port: server.port))
        #expect(next.outcome.isAccepted)
        await loop.shutdown()
    }

    @Test(
        "A connection lost before the message's end is not sent; after it, unknown",
        arguments: [
            ("MAIL", TransferFailure.Delivery.notSent), ("RCPT", .notSent), ("DATA", .notSent), (".", .unknown),
        ])
    func lost(at command: String, delivery: TransferFailure.Delivery) async throws {
        let usual = SMTPPeer().reply
        let peer = SMTPPeer(reply: { $0.hasPrefix(command) ? nil : usual($0) })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let result = await loop.perform(.test(port: server.port))
        #expect(result.outcome.failure?.delivery == delivery)
        #expect(result.outcome.failure?.description.hasSuffix(".") == true)
        await loop.shutdown()
    }

    @Test("Silence after the message's end is unknown; before it, not sent")
    func silence() async throws {
        for (command, delivery) in [(".", TransferFailure.Delivery.unknown), ("DATA", .notSent)] {
            let usual = SMTPPeer().reply
            let peer = SMTPPeer(reply: { $0 == command ? "" : usual($0) })
            let server = try TestServer { connection in
                // An empty answer is an empty line, which is not SMTP. So this server writes its answers directly.
                connection.write("220 peer\r\n")
                while let line = connection.readLine() {
                    if line.hasPrefix("EHLO") {
                        connection.write("250 peer\r\n")
                    } else if line == "DATA", command == "DATA" {
                        continue
                    } else if line == "DATA" {
                        connection.write("354 go\r\n")
                        while let text = connection.readLine(), text != "." {}
                    } else {
                        connection.write("\(peer.reply(line) ?? "")\r\n")
                    }
                }
            }
            defer { server.stop() }
            let loop = MailLoop()
            let result = await loop.perform(.test(port: server.port, totalTimeout: .milliseconds(300)))
            #expect(result.outcome.failure?.reason == .curl(code: 28))
            #expect(result.outcome.failure?.delivery == delivery)
            await loop.shutdown()
        }
    }

    @Test("A message on an idle connection that was closed is sent once on a new one")
    func staleConnection() async throws {
        let served = Counter()
        let peer = SMTPPeer(reply: { [usual = SMTPPeer().reply] line in
            if line.hasPrefix("MAIL") { served.increment() }
            // The connection closes at the second message on the first connection.
            return line.hasPrefix("MAIL") && served.value == 2 ? nil : usual(line)
        })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        for _ in 0..<2 { #expect(await loop.perform(.test(port: server.port)).outcome.isAccepted) }
        #expect(server.accepted == 2)
        #expect(peer.messages.values.count == 2)
        await loop.shutdown()
    }

    @Test(
        "A failed login is a configuration error, and one that cannot be checked is not",
        arguments: [
            ("535 5.7.8 bad password", TransferFailure.Delivery.configuration),
            ("454 4.7.0 try later", .notSent),
        ])
    func login(reply: String, delivery: TransferFailure.Delivery) async throws {
        let peer = SMTPPeer(offers: ["AUTH PLAIN LOGIN"], reply: { _ in reply })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let result = await loop.perform(.test(port: server.port, username: "user"))
        #expect(result.outcome.failure?.delivery == delivery)
        #expect(result.outcome.failure?.description.contains(reply) == true)
        #expect(!peer.commands.values.contains { $0.hasPrefix("MAIL") })
        await loop.shutdown()
    }

    @Test("A server that repeats the password in its reply does not put it into an error")
    func repeatedPassword() async throws {
        let login = "AHVzZXIAaHVudGVyMi1wYXNz"  // the user name and the password, as AUTH PLAIN sends them
        let replies = [
            "535 5.7.8 the password hunter2-pass of user is wrong", "535 5.7.8 bad \(login)",
            "535 5.7.8 bad aHVudGVyMi1wYXNz", "454 4.7.0 cannot check hunter2-pass",
        ]
        for reply in replies {
            let peer = SMTPPeer(offers: ["AUTH PLAIN LOGIN"], reply: { _ in reply })
            let server = try TestServer { peer.serve($0) }
            defer { server.stop() }
            let loop = MailLoop()
            var submission = MailSubmission.test(port: server.port, username: "user")
            submission.server.password = "hunter2-pass"
            let failure = try #require(await loop.perform(submission).outcome.failure)
            for text in [failure.description, failure.refusal?.reply.text ?? ""] {
                #expect(!text.contains("hunter2") && !text.contains(login) && !text.contains("aHVudGVy"), "\(text)")
                #expect(text.contains("…"))
            }
            #expect(failure.refusal?.stage == .login)
            await loop.shutdown()
        }
        // The same in a reply to MAIL.
        let usual = SMTPPeer().reply
        let peer = SMTPPeer(
            offers: ["AUTH PLAIN"],
            reply: { line in
                if line.hasPrefix("AUTH PLAIN") { return "334 " }
                if line == login { return "235 2.7.0 welcome" }
                return line.hasPrefix("MAIL") ? "550 5.7.1 user hunter2-pass may not send" : usual(line)
            })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        var submission = MailSubmission.test(port: server.port, username: "user")
        submission.server.password = "hunter2-pass"
        guard case .rejected(.sender, let reply) = await loop.perform(submission).outcome else {
            Issue.record("not rejected")
            return
        }
        #expect(reply.text == "user … may not send")
        await loop.shutdown()
    }

    @Test("With a valid login, email is accepted")
    func goodLogin() async throws {
        let usual = SMTPPeer().reply
        let peer = SMTPPeer(
            offers: ["AUTH PLAIN"],
            reply: { line in
                // libcurl sends PLAIN and waits for the challenge before it sends the password.
                line.hasPrefix("AUTH PLAIN") ? "334 " : line == "AHVzZXIAdXNlcg==" ? "235 2.7.0 welcome" : usual(line)
            })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        #expect(await loop.perform(.test(port: server.port, username: "user")).outcome.isAccepted)
        await loop.shutdown()
    }

    @Test("Without AUTH no password is sent, and without STARTTLS no message")
    func missingOffers() async throws {
        let peer = SMTPPeer()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let noAuth = await loop.perform(.test(port: server.port, username: "user"))
        #expect(noAuth.outcome.failure?.delivery == .configuration)
        let noTLS = await loop.perform(.test(port: server.port, startTLS: .required))
        #expect(noTLS.outcome.failure?.delivery == .configuration)
        #expect(await loop.perform(.test(port: server.port, startTLS: .opportunistic)).outcome.isAccepted)
        #expect(peer.messages.values.count == 1)
        await loop.shutdown()
    }

    @Test("A refused connection or a rejecting greeting proves that nothing was sent")
    func refused() async throws {
        let loop = MailLoop()
        let none = await loop.perform(.test(port: 1))
        #expect(none.outcome.failure?.delivery == .notSent)
        let server = try TestServer { connection in
            connection.write("554 5.7.1 not today\r\n")
            _ = connection.readLine()
        }
        defer { server.stop() }
        let refused = await loop.perform(.test(port: server.port))
        #expect(refused.outcome.failure?.delivery == .notSent)
        #expect(refused.outcome.failure?.description.contains("not today") == true)
        #expect(refused.outcome.failure?.refusal?.stage == .connection)
        #expect(refused.outcome.failure?.refusal?.reply == SMTPReply(code: 554, text: "5.7.1 not today"))
        #expect(none.outcome.failure?.refusal == nil)
        await loop.shutdown()
    }

    @Test("A message that exceeds the server's announced limits is not offered")
    func knownLimits() async throws {
        let peer = SMTPPeer(offers: ["SIZE 1000", "PIPELINING"])
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let large = await loop.perform(.test(port: server.port, text: String(repeating: "x\r\n", count: 500)))
        let foreign = await loop.perform(.test(port: server.port, recipients: ["ü@example.com"]))
        guard case .rejected(.sender, let size) = large.outcome, case .rejected(.recipient, let name) = foreign.outcome
        else {
            Issue.record("not rejected: \(large.outcome), \(foreign.outcome)")
            return
        }
        #expect(size.enhancedStatus == "5.3.4" && name.enhancedStatus == "5.6.7")
        #expect(await loop.perform(.test(port: server.port)).outcome.isAccepted)
        #expect(server.accepted == 1)
        await loop.shutdown()
    }

    @Test("Injection is refused before anything is sent")
    func injection() async {
        let loop = MailLoop()
        let result = await loop.perform(.test(port: 1, recipients: ["a@b.c>\r\nRCPT TO:<d@e.f"]))
        #expect(result.outcome.failure?.reason == .invalidRequest)
        let body = await loop.perform(.test(port: 1, text: "a\n.\nMAIL FROM:<x@y>\n"))
        #expect(body.outcome.failure?.reason == .invalidRequest)
        await loop.shutdown()
    }

    @Test("Cancelling and shutting down complete every message once")
    func endings() async throws {
        let reached = Counter()
        let peer = SMTPPeer()
        let server = try TestServer { connection in
            connection.write("220 peer\r\n")
            _ = connection.readLine()
            connection.write("250 peer\r\n")
            _ = connection.readLine()
            reached.increment()
            // Never answers MAIL.
            while connection.readLine() != nil {}
        }
        defer { server.stop() }
        let loop = MailLoop(configuration: MailLoopConfiguration(maxWaiting: 4, maxConnectionsPerServer: 1))
        let results = Collector<MailResult>()
        let done = Counter()
        let record: @Sendable (MailResult) -> Void = { result in
            results.add(result)
            done.increment()
        }
        let first = loop.submit(.test(port: server.port), completion: record)
        await reached.wait(for: 1)
        let ids = loop.submit((0..<5).map { _ in (MailSubmission.test(port: server.port), record) })
        #expect(results.values.map { $0.outcome.failure?.reason } == [.overloaded])
        loop.cancel(ids[0])
        await done.wait(for: 2)
        loop.cancel(first)
        await done.wait(for: 3)
        await loop.shutdown(grace: .zero)
        #expect(done.value == 6)
        #expect(Set(results.values.map(\.id)).count == 6)
        #expect(results.values.allSatisfy { $0.outcome.failure?.delivery == .notSent })
        #expect(await loop.perform(.test(port: server.port)).outcome.failure?.reason == .shutDown)
        #expect(peer.messages.values.isEmpty)
    }
}

extension MailOutcome {
    var isAccepted: Bool {
        if case .accepted = self { true } else { false }
    }

    var failure: TransferFailure? {
        if case .failed(let failure) = self { failure } else { nil }
    }
}

extension String {
    /// Every line that begins with a dot gets one more.
    fileprivate var replacingDots: String {
        split(separator: "\r\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix(".") ? ".\($0)" : String($0) }.joined(separator: "\r\n")
    }
}
