import Testing

@testable import Curl

/// The loop against real sockets on loopback.
@Suite(.timeLimit(.minutes(1)))
struct CurlLoopTests {
    @Test("A POST and its response arrive complete")
    func post() async throws {
        let seen = Collector<TestConnection.Request>()
        let server = try TestServer { connection in
            while let request = connection.readRequest() {
                seen.add(request)
                connection.respond(201, headers: "X-Message-Id: m-1\r\nEmpty:\r\n", body: #"{"sid":"SM1"}"#)
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let result = await loop.perform(
            HTTPRequest(
                url: server.url("/v1/send?a=b"),
                headers: [("Authorization", "Bearer t"), ("Content-Type", "application/json"), ("X-Empty", "")],
                body: body))
        let response = try result.outcome.get()
        #expect(response.status == 201)
        #expect(response.headers["x-message-id"] == "m-1")
        #expect(response.headers["EMPTY"] == "")
        #expect(response.headers["message-id"] == nil)
        #expect(response.headers.fields.map(\.name) == ["X-Message-Id", "Empty", "Content-Length"])
        #expect(response.body == Array(#"{"sid":"SM1"}"#.utf8))
        #expect(result.requestBytesSent > 100_000)
        let request = try #require(seen.values.first)
        #expect(request.head.hasPrefix("POST /v1/send?a=b HTTP/1.1\r\n"))
        #expect(request.header("authorization") == "Bearer t")
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("x-empty") == "")
        #expect(request.header("expect") == nil)
        #expect(request.body == body)
        await loop.shutdown()
    }

    @Test("Each method is sent unchanged", arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func methods(method: String) async throws {
        let seen = Collector<TestConnection.Request>()
        let server = try TestServer { connection in
            while let request = connection.readRequest() {
                seen.add(request)
                connection.respond(200, body: request.method == "HEAD" ? "" : "x")
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        for body in [[], Array("text".utf8)] where method != "HEAD" || body.isEmpty {
            let result = await loop.perform(HTTPRequest(method: method, url: server.url(), body: body))
            #expect(result.response?.status == 200)
        }
        #expect(seen.values.allSatisfy { $0.method == method && $0.header("content-type") == nil })
        #expect(seen.values.last?.body == (method == "HEAD" ? [] : Array("text".utf8)))
        await loop.shutdown()
    }

    @Test("Consecutive requests share one connection")
    func keepAlive() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil { connection.respond() }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        for number in 0..<20 {
            let result = await loop.perform(HTTPRequest(url: server.url(), body: [1]))
            #expect(result.response?.status == 200)
            #expect((result.connectTime == .zero) == (number > 0))
        }
        #expect(server.accepted == 1)
        await loop.shutdown()
    }

    @Test("A handle keeps nothing from its last request")
    func noLeftovers() async throws {
        let seen = Collector<TestConnection.Request>()
        let server = try TestServer { connection in
            while let request = connection.readRequest() {
                seen.add(request)
                connection.respond()
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        _ = await loop.perform(
            HTTPRequest(method: "PUT", url: server.url("/a"), headers: [("X-Secret", "1")], body: [1, 2, 3]))
        _ = await loop.perform(HTTPRequest(method: "HEAD", url: server.url("/b")))
        _ = await loop.perform(HTTPRequest(method: "GET", url: server.url("/c")))
        _ = await loop.perform(HTTPRequest(method: "POST", url: server.url("/d")))
        let heads = seen.values.map { $0.head.prefix { $0 != "\r\n" } }
        #expect(heads == ["PUT /a HTTP/1.1", "HEAD /b HTTP/1.1", "GET /c HTTP/1.1", "POST /d HTTP/1.1"])
        #expect(seen.values.dropFirst().allSatisfy { $0.header("x-secret") == nil && $0.body.isEmpty })
        #expect(seen.values.last?.header("content-length") == "0")
        await loop.shutdown()
    }

    @Test("Each request of a batch completes once with its own response")
    func batch() async throws {
        let server = try TestServer { connection in
            while let request = connection.readRequest() {
                connection.respond(body: String(decoding: request.body, as: UTF8.self))
            }
        }
        defer { server.stop() }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxInFlight: 16, maxConnectionsPerHost: 8))
        let answers = Collector<String>()
        let done = Counter()
        let ids = loop.submit(
            (0..<500).map { number in
                (
                    request: HTTPRequest(url: server.url(), body: Array("\(number)".utf8)),
                    completion: { result in
                        answers.add(String(decoding: result.response?.body ?? [], as: UTF8.self))
                        done.increment()
                    }
                )
            })
        await done.wait(for: 500)
        #expect(Set(ids).count == 500)
        #expect(answers.values.count == 500)
        #expect(Set(answers.values) == Set((0..<500).map(String.init)))
        #expect(server.accepted <= 8)
        await loop.shutdown()
    }

    @Test("An informational response is skipped, and a redirect is not followed")
    func informationalAndRedirect() async throws {
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                connection.write("HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n")
                connection.respond(302, headers: "Location: http://127.0.0.1:1/\r\n")
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let result = await loop.perform(HTTPRequest(url: server.url(), body: [1]))
        #expect(result.response?.status == 302)
        #expect(result.response?.headers["X-Early"] == nil)
        await loop.shutdown()
    }
}
