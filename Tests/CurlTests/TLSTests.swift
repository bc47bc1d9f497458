import Testing

@testable import Curl

/// Servers with real TLS. Only the right authority and name let a message through; anything else stops it before its
/// first byte.
@Suite(
    .timeLimit(.minutes(1)), .serialized,
    .enabled(if: TLSFront.python != nil, "Skipped: python3 is not installed (apt-get install python3)."))
struct TLSTests {
    @Test("HTTPS with our own authority and the right server name works, on one connection")
    func https() async throws {
        let server = try TestServer { connection in
            while let request = connection.readRequest() {
                connection.respond(200, body: String(decoding: request.body, as: UTF8.self))
            }
        }
        defer { server.stop() }
        let front = try TLSFront(before: server.port)
        let loop = CurlLoop(configuration: CurlLoopConfiguration(tls: TLSOptions(caFile: front.caFile)))
        for number in 0..<3 {
            let result = await loop.perform(
                HTTPRequest(url: "https://localhost:\(front.port)/", body: Array("secret \(number)".utf8)))
            #expect(result.response?.body == Array("secret \(number)".utf8), "\(result.outcome)")
        }
        #expect(server.accepted == 1)
        await loop.shutdown()
    }

    @Test("A wrong authority or a wrong name is a configuration error, and the server sees no request")
    func untrusted() async throws {
        let requests = Counter()
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                requests.increment()
                connection.respond()
            }
        }
        defer { server.stop() }
        let front = try TLSFront(before: server.port)
        let loop = CurlLoop()
        let attempts: [(String, TLSOptions?)] = [
            ("localhost", nil), ("localhost", TLSOptions(caFile: front.otherFile)),
            ("127.0.0.1", TLSOptions(caFile: front.caFile)),
        ]
        for (host, tls) in attempts {
            let result = await loop.perform(
                HTTPRequest(url: "https://\(host):\(front.port)/", body: [1], tls: tls))
            #expect(result.failure?.delivery == .configuration, "\(host): \(result.outcome)")
            #expect(result.failure?.reason == .curl(code: 60))
        }
        #expect(requests.value == 0)
        let unchecked = TLSOptions(verifiesServer: false)
        let result = await loop.perform(HTTPRequest(url: "https://127.0.0.1:\(front.port)/", body: [1], tls: unchecked))
        #expect(result.response?.status == 200)
        await loop.shutdown()
    }

    @Test("A server that requests a client certificate gets ours")
    func clientCertificate() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil { connection.respond() }
        }
        defer { server.stop() }
        let front = try TLSFront(before: server.port, mode: .clientCertificate)
        let loop = CurlLoop()
        let url = "https://localhost:\(front.port)/"
        let without = await loop.perform(HTTPRequest(url: url, tls: TLSOptions(caFile: front.caFile)))
        #expect(without.response == nil)
        let with = TLSOptions(
            caFile: front.caFile, clientCertificateFile: front.clientCertificate, clientKeyFile: front.clientKey)
        let result = await loop.perform(HTTPRequest(url: url, tls: with))
        #expect(result.response?.status == 200, "\(result.outcome)")
        await loop.shutdown()
    }

    @Test("HTTP/2 negotiated by ALPN carries many requests over few connections")
    func http2() async throws {
        let server = try TestServer { FrameServer($0).serve() }
        defer { server.stop() }
        let front = try TLSFront(before: server.port, mode: .http2)
        let loop = CurlLoop(configuration: CurlLoopConfiguration(tls: TLSOptions(caFile: front.caFile)))
        func request(_ number: Int) -> HTTPRequest {
            HTTPRequest(
                url: "https://localhost:\(front.port)/3/device/t", body: Array("payload \(number)".utf8),
                version: .http2)
        }
        #expect(await loop.perform(request(0)).response?.body == Array("payload 0".utf8))
        let answers = Collector<TransferResult>()
        let done = Counter()
        loop.submit(
            (1...100).map { number in
                (
                    request: request(number),
                    completion: { result in
                        answers.add(result)
                        done.increment()
                    }
                )
            })
        await done.wait(for: 100)
        let bodies = answers.values.compactMap { $0.response.map { String(decoding: $0.body, as: UTF8.self) } }
        #expect(Set(bodies) == Set((1...100).map { "payload \($0)" }))
        #expect(server.accepted < 10)
        await loop.shutdown()
    }

    @Test("A server without ALPN gets HTTP/1.1 although HTTP/2 was requested")
    func http1Instead() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil { connection.respond() }
        }
        defer { server.stop() }
        let front = try TLSFront(before: server.port)
        let loop = CurlLoop(configuration: CurlLoopConfiguration(tls: TLSOptions(caFile: front.caFile)))
        let result = await loop.perform(HTTPRequest(url: "https://localhost:\(front.port)/", version: .http2))
        #expect(result.response?.status == 200, "\(result.outcome)")
        await loop.shutdown()
    }

    @Test("Email is accepted over SMTPS and STARTTLS with a login", arguments: ["smtps", "smtp"])
    func mail(scheme: String) async throws {
        let peer = Self.peerWithLogin()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let front = try TLSFront(before: server.port, mode: scheme == "smtps" ? .tls : .startTLS)
        let loop = MailLoop()
        for _ in 0..<2 {
            let result = await loop.perform(Self.submission("\(scheme)://localhost:\(front.port)", front.caFile))
            #expect(result.outcome.isAccepted, "\(result.outcome)")
        }
        #expect(server.accepted == 1)
        #expect(peer.messages.values.count == 2)
        #expect(peer.commands.values.contains("AHVzZXIAcGFzcw=="))
        await loop.shutdown()
    }

    @Test("A mail server without a valid certificate gets no password and no email", arguments: ["smtps", "smtp"])
    func untrustedMail(scheme: String) async throws {
        let peer = Self.peerWithLogin()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let front = try TLSFront(before: server.port, mode: scheme == "smtps" ? .tls : .startTLS)
        let loop = MailLoop()
        for (host, authority) in [
            ("localhost", nil), ("localhost", front.otherFile), ("127.0.0.1", front.caFile),
        ] {
            let result = await loop.perform(Self.submission("\(scheme)://\(host):\(front.port)", authority))
            #expect(result.outcome.failure?.delivery == .configuration, "\(host): \(result.outcome)")
        }
        #expect(peer.commands.values.isEmpty)
        await loop.shutdown()
    }

    private static func peerWithLogin() -> SMTPPeer {
        let usual = SMTPPeer().reply
        return SMTPPeer(
            offers: ["PIPELINING", "AUTH PLAIN"],
            reply: { line in
                line.hasPrefix("AUTH PLAIN") ? "334 " : line == "AHVzZXIAcGFzcw==" ? "235 2.7.0 welcome" : usual(line)
            })
    }

    private static func submission(_ url: String, _ caFile: String?) -> MailSubmission {
        MailSubmission(
            server: SMTPServer(
                url: url, username: "user", password: "pass", helloName: "client.example.com",
                tls: TLSOptions(caFile: caFile)),
            from: "from@example.com", recipients: ["to@example.com"], data: Array("Subject: t\r\n\r\nhello\r\n".utf8),
            totalTimeout: .seconds(20))
    }
}
