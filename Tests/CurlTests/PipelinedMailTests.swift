import Glibc
import Testing

@testable import Curl

/// Messages whose first commands travel with the text of the message before (RFC 2920 §3.1).
@Suite(.timeLimit(.minutes(1)))
struct PipelinedMailTests {
    /// A server with one connection at a time that answers the end of a message only when it has the next commands, as long
    /// as more messages are expected. It answers a first message at once, so that it is known to be quick.
    private struct EagerPeer: Sendable {
        /// How many messages will be followed by another.
        let followed: Int
        /// The answer to the end of each message, by its number; nil closes the connection.
        var verdict: @Sendable (Int) -> String? = { "250 2.0.0 Ok: queued as Q\($0)" }
        /// The text of every message that arrived whole, as its first line.
        let texts = Collector<String>()
        let commands = Collector<String>()
        /// Called when the text of a message has arrived with the commands of the next one.
        var overlapped: @Sendable (Int) -> Void = { _ in }

        func serve(_ connection: TestConnection) {
            connection.write("220 peer ESMTP\r\n")
            guard connection.readLine() != nil else { return }
            connection.write("250-peer\r\n250 PIPELINING\r\n")
            guard var commands = readCommands(connection) else { return }
            while true {
                connection.write("250 sender\r\n250 recipient\r\n354 go on\r\n")
                self.commands.add(commands)
                guard let text = connection.readLine() else { return }
                while let line = connection.readLine(), line != "." {}
                if text != PipelinedMailTests.first { texts.add(text) }
                let number = texts.values.count
                let next = number > 0 && number <= followed ? readCommands(connection) : nil
                if next != nil { overlapped(number) }
                guard let verdict = verdict(number) else { return connection.close() }
                connection.write("\(verdict)\r\n")
                if verdict.hasPrefix("421") { return connection.close() }
                guard let following = next ?? readCommands(connection) else { return }
                commands = following
            }
        }

        /// MAIL, RCPT and DATA, without what they say; nil when the client has gone.
        private func readCommands(_ connection: TestConnection) -> String? {
            var verbs: [String] = []
            while verbs.last != "DATA" {
                guard let line = connection.readLine(), line != "QUIT" else { return nil }
                verbs.append(String(line.prefix(4)))
            }
            return verbs.joined(separator: " ")
        }
    }

    private static let first = "Subject: first"

    private static func loop(maxMessages: Int = 100) -> MailLoop {
        MailLoop(
            configuration: MailLoopConfiguration(maxConnectionsPerServer: 1, maxMessagesPerConnection: maxMessages))
    }

    private static func message(
        _ name: String, port: UInt16, mayBegin: (@Sendable () -> Bool)? = nil
    ) -> MailSubmission {
        var message = MailSubmission.test(
            port: port, text: "Subject: \(name)\r\n\r\nhello\r\n", totalTimeout: .seconds(20))
        message.mayBegin = mayBegin
        return message
    }

    /// Submits messages together. Returns their outcomes in the order in which they were submitted.
    private static func send(_ messages: [MailSubmission], by loop: MailLoop) async -> [MailOutcome] {
        var warming = messages[0]
        warming.data = Array("\(first)\r\n\r\nhello\r\n".utf8)
        #expect(await loop.perform(warming).outcome.isAccepted)
        let results = Collector<MailResult>()
        let done = Counter()
        let ids = loop.submit(
            messages.map { message in
                (
                    message,
                    { result in
                        results.add(result)
                        done.increment()
                    }
                )
            })
        await done.wait(for: messages.count)
        let values = results.values
        return ids.compactMap { id in values.first { $0.id == id }?.outcome }
    }

    @Test func `the commands of the next message arrive with the text of the one before`() async throws {
        let peer = EagerPeer(followed: 4)
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = Self.loop()
        let outcomes = await Self.send((1...5).map { Self.message("m\($0)", port: server.port) }, by: loop)
        #expect(
            outcomes.map { outcome -> String? in if case .accepted(_, let id, _) = outcome { id } else { nil } }
                == ["Q1", "Q2", "Q3", "Q4", "Q5"])
        #expect(peer.texts.values == (1...5).map { "Subject: m\($0)" })
        #expect(peer.commands.values == Array(repeating: "MAIL RCPT DATA", count: 6))
        #expect(server.accepted == 1)
        await loop.shutdown()
    }

    @Test func `a connection takes no more messages than its bound`() async throws {
        let peer = SMTPPeer()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = Self.loop(maxMessages: 5)
        let outcomes = await Self.send((0..<19).map { _ in .test(port: server.port) }, by: loop)
        #expect(outcomes.count == 19 && outcomes.allSatisfy(\.isAccepted))
        #expect(server.accepted == 4)
        #expect(peer.messages.values.count == 20)
        await loop.shutdown()
    }

    @Test func `a message that the server refuses at its end leaves the next one alone`() async throws {
        let peer = EagerPeer(followed: 2, verdict: { $0 == 2 ? "554 5.7.1 spam" : "250 ok" })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = Self.loop()
        let outcomes = await Self.send((1...3).map { Self.message("m\($0)", port: server.port) }, by: loop)
        #expect(outcomes.map(\.isAccepted) == [true, false, true])
        #expect(outcomes[1] == .rejected(.message, SMTPReply(code: 554, text: "5.7.1 spam")))
        #expect(server.accepted == 1)
        await loop.shutdown()
    }

    @Test(arguments: [nil, "421 4.3.2 closing"])
    func `when the connection ends, only the message with its text sent is in doubt`(verdict: String?) async throws {
        let peer = EagerPeer(followed: 1, verdict: { number in number == 1 ? verdict : "250 ok" })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = Self.loop()
        let outcomes = await Self.send((1...3).map { Self.message("m\($0)", port: server.port) }, by: loop)
        if let verdict {
            #expect(outcomes[0] == .rejected(.message, SMTPReply(code: 421, text: String(verdict.dropFirst(4)))))
        } else {
            #expect(outcomes[0].failure?.delivery == .unknown)
        }
        #expect(outcomes[1].isAccepted && outcomes[2].isAccepted)
        // The second was begun on both connections, and its text was sent once.
        #expect(peer.texts.values == ["Subject: m1", "Subject: m2", "Subject: m3"])
        #expect(server.accepted == 2)
        await loop.shutdown()
    }

    @Test func `a message that must not go out any more follows with its commands alone`() async throws {
        let mayBegin = Counter()
        let peer = EagerPeer(followed: 1, overlapped: { _ in mayBegin.increment() })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = Self.loop()
        let outcomes = await Self.send(
            [
                Self.message("m1", port: server.port),
                Self.message("m2", port: server.port) { mayBegin.value == 0 },
                Self.message("m3", port: server.port),
            ], by: loop)
        #expect(outcomes[1].failure?.reason == .notPermitted && outcomes[1].failure?.delivery == .notSent)
        #expect(outcomes[0].isAccepted && outcomes[2].isAccepted)
        #expect(peer.texts.values == ["Subject: m1", "Subject: m3"])
        await loop.shutdown()
    }

    @Test func `a message that is cancelled while it follows is not sent`() async throws {
        let overlapped = Counter()
        let isFree = Counter()
        let peer = EagerPeer(
            followed: 1,
            overlapped: { _ in
                overlapped.increment()
                while isFree.value == 0 { usleep(1_000) }
            })
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = Self.loop()
        #expect(await loop.perform(Self.message("first", port: server.port)).outcome.isAccepted)
        let results = Collector<MailResult>()
        let done = Counter()
        let record: @Sendable (MailResult) -> Void = { result in
            results.add(result)
            done.increment()
        }
        let ids = loop.submit(["m1", "m2"].map { (Self.message($0, port: server.port), record) })
        await overlapped.wait(for: 1)
        loop.cancel(ids[1])
        // The loop takes the cancellation before the server answers.
        try await Task.sleep(for: .milliseconds(100))
        isFree.increment()
        await done.wait(for: 2)
        let cancelled = results.values.first { $0.id == ids[1] }
        #expect(cancelled?.outcome.failure?.reason == .cancelled && cancelled?.outcome.failure?.delivery == .notSent)
        #expect(results.values.first { $0.id == ids[0] }?.outcome.isAccepted == true)
        #expect(peer.texts.values == ["Subject: m1"])
        await loop.shutdown()
    }
}
