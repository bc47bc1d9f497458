import Synchronization
import Testing

@testable import Curl

/// Faults on the wire, and how the loop reports them.
@Suite(.timeLimit(.minutes(1)))
struct CurlLoopFaultTests {
    /// Proves that libcurl's silent repetition is prevented. Without the check before each request, the server would
    /// see more copies than calls were made, and the callers would see only successes.
    @Test(
        "A POST on a reused connection that is reset reaches the server once",
        arguments: [
            (method: "POST", size: 200), (method: "PUT", size: 1), (method: "POST", size: 0),
            (method: "DELETE", size: 0), (method: "POST", size: 100_000),
        ])
    func noSilentRepetition(method: String, size: Int) async throws {
        let copies = Counter()
        // Every second request on a connection is read completely and answered by a reset.
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                copies.increment()
                connection.respond()
                guard connection.readRequest() != nil else { return }
                copies.increment()
                connection.reset()
                return
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let calls = size > 1_000 ? 100 : 1_000
        var unknown = 0
        for _ in 0..<calls {
            let result = await loop.perform(
                HTTPRequest(method: method, url: server.url(), body: [UInt8](repeating: 0x61, count: size)))
            if let failure = result.failure {
                #expect(failure.delivery == .unknown)
                unknown += 1
            }
        }
        #expect(copies.value == calls)
        #expect(unknown == calls / 2)
        await loop.shutdown()
    }

    /// libcurl opens a new connection to send such a request again, and reports that connection's result: nothing was
    /// sent on it, but the request had been sent before.
    @Test("A POST that a server read before it disappeared is not reported as not sent")
    func serverGoneAfterTheRequest() async throws {
        let gone = Mutex<TestServer?>(nil)
        let copies = Counter()
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.respond()
            guard connection.readRequest() != nil else { return }
            copies.increment()
            // The listener first, then every connection.
            gone.withLock { $0 }?.stop()
        }
        gone.withLock { $0 = server }
        let loop = CurlLoop()
        let first = await loop.perform(HTTPRequest(url: server.url(), body: [1]))
        #expect(first.response?.status == 200)
        let second = await loop.perform(HTTPRequest(url: server.url(), body: [2]))
        #expect(second.failure?.reason == .curl(code: 7))
        #expect(second.failure?.delivery == .unknown)
        #expect(second.requestBytesSent > 0)
        #expect(copies.value == 1)
        await loop.shutdown()
        gone.withLock { $0 = nil }
    }

    @Test("A server that never answers takes the total time, and the outcome is unknown")
    func timeout() async throws {
        let read = Counter()
        let server = try TestServer { connection in
            while connection.readRequest() != nil { read.increment() }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let result = await loop.perform(
            HTTPRequest(url: server.url(), body: [1], totalTimeout: .milliseconds(200)))
        #expect(result.failure?.reason == .curl(code: 28))
        #expect(result.failure?.delivery == .unknown)
        #expect(result.totalTime >= .milliseconds(190) && result.totalTime < .seconds(3))
        #expect(read.value == 1)
        await loop.shutdown()
    }

    @Test("A connection that is refused proves that nothing was sent")
    func refused() async throws {
        let server = try TestServer { _ in }
        server.stop()
        let loop = CurlLoop()
        // The listener closes on its own thread. A connection accepted before that is reset, which has the same
        // meaning.
        let result = await loop.perform(HTTPRequest(url: "http://127.0.0.1:1/", body: [1]))
        #expect(result.failure?.reason == .curl(code: 7))
        #expect(result.failure?.delivery == .notSent)
        #expect(result.requestBytesSent == 0)
        await loop.shutdown()
    }

    @Test("A host that does not exist proves that nothing was sent")
    func unresolved() async throws {
        let loop = CurlLoop()
        let result = await loop.perform(HTTPRequest(url: "http://name.invalid/", body: [1]))
        let failure = try #require(result.failure)
        // Without a resolver, the lookup may time out, which has the same meaning.
        #expect(failure.reason == .curl(code: 6) || failure.reason == .curl(code: 28))
        #expect(failure.delivery == .notSent)
        await loop.shutdown()
    }

    @Test(
        "A server that ends the connection after the request leaves the outcome unknown",
        arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "nonsense\r\n\r\n"])
    func brokenAnswers(answer: String) async throws {
        let server = try TestServer { connection in
            _ = connection.readRequest()
            connection.write(answer)
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let result = await loop.perform(HTTPRequest(url: server.url(), body: [1]))
        #expect(result.failure?.delivery == .unknown)
        #expect(result.requestBytesSent > 0)
        await loop.shutdown()
    }

    @Test("A response that exceeds the bound is cut off", arguments: [true, false])
    func tooLarge(inHeader: Bool) async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                let filling = String(repeating: "x", count: 4_000)
                if inHeader {
                    connection.respond(headers: "X-Filling: \(filling)\r\n")
                } else {
                    connection.respond(body: filling)
                }
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let cut = await loop.perform(HTTPRequest(url: server.url(), body: [1], maxResponseBytes: 3_000))
        #expect(cut.failure?.reason == .responseTooLarge)
        #expect(cut.failure?.delivery == .unknown)
        let whole = await loop.perform(HTTPRequest(url: server.url(), body: [1], maxResponseBytes: 5_000))
        #expect(whole.response?.status == 200)
        await loop.shutdown()
    }

    @Test(
        "An unverifiable TLS server is a configuration error, and plain text is a failed handshake")
    func plainTextInsteadOfTLS() async throws {
        let server = try TestServer { connection in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = connection.readLine()
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let result = await loop.perform(HTTPRequest(url: server.url(scheme: "https"), body: [1]))
        #expect(result.failure?.reason == .curl(code: 35))
        #expect(result.failure?.delivery == .notSent)
        let missing = await loop.perform(
            HTTPRequest(
                url: server.url(scheme: "https"), body: [1], tls: TLSOptions(caFile: "/nonexistent/authorities.pem")))
        #expect(missing.failure?.reason == .curl(code: 77))
        #expect(missing.failure?.delivery == .configuration)
        await loop.shutdown()
    }
}
