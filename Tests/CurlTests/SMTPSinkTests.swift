import Testing

@testable import Curl

/// The mail loop against an independent server.
@Suite(
    .timeLimit(.minutes(1)), .serialized,
    .enabled(if: SMTPSink.isInstalled, "Skipped: Postfix's smtp-sink is not installed (apt-get install postfix)."))
struct SMTPSinkTests {
    @Test("Slow servers are awaited concurrently, and HTTP continues")
    func slowReplies() async throws {
        let sink = try SMTPSink(["-W", ".:1"])
        let web = try TestServer { connection in
            while connection.readRequest() != nil { connection.respond() }
        }
        defer {
            sink.stop()
            web.stop()
        }
        let mail = MailLoop(configuration: MailLoopConfiguration(maxConnectionsPerServer: 8))
        let http = CurlLoop()
        let done = Counter()
        let accepted = Counter()
        let start = ContinuousClock.now
        mail.submit(
            (0..<16).map { _ in
                (
                    submission: MailSubmission.test(port: sink.port),
                    completion: { result in
                        if result.outcome.isAccepted { accepted.increment() }
                        done.increment()
                    }
                )
            })
        var slowest = Duration.zero
        var requests = 0
        while done.value < 16 {
            slowest = max(slowest, await http.perform(HTTPRequest(url: web.url(), body: [1])).totalTime)
            requests += 1
        }
        let elapsed = ContinuousClock.now - start
        #expect(accepted.value == 16)
        // Sequentially, they would take 16 s.
        #expect(elapsed >= .milliseconds(1_900) && elapsed < .seconds(4))
        #expect(slowest < .milliseconds(500))
        #expect(requests > 50)
        await mail.shutdown()
        await http.shutdown()
    }

    @Test("A thousand messages over few connections are all accepted")
    func many() async throws {
        let sink = try SMTPSink([])
        defer { sink.stop() }
        let loop = MailLoop(configuration: MailLoopConfiguration(maxConnectionsPerServer: 8))
        let done = Counter()
        let accepted = Counter()
        loop.submit(
            (0..<1_000).map { number in
                (
                    submission: MailSubmission.test(
                        port: sink.port, recipients: ["a\(number)@example.com", "b@example.com"]),
                    completion: { result in
                        if result.outcome.isAccepted { accepted.increment() }
                        done.increment()
                    }
                )
            })
        await done.wait(for: 1_000)
        #expect(accepted.value == 1_000)
        await loop.shutdown()
    }

    @Test(
        "Rejections of each command are reported",
        arguments: [
            ("MAIL", MailStage.sender), ("RCPT", .recipient), ("DATA", .data), (".", .message),
        ])
    func rejecting(command: String, expected: MailStage) async throws {
        for (option, code) in [("-f", 500), ("-r", 450)] {
            let sink = try SMTPSink([option, command])
            defer { sink.stop() }
            let loop = MailLoop()
            let result = await loop.perform(.test(port: sink.port))
            guard case .rejected(let stage, let reply) = result.outcome else {
                Issue.record("not rejected: \(result.outcome)")
                continue
            }
            #expect(stage == expected)
            #expect(reply.code == code)
            await loop.shutdown()
        }
    }
}
