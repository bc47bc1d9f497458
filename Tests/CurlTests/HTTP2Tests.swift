import Testing

@testable import Curl

/// HTTP/2 with prior knowledge against a minimal server (RFC 9113).
@Suite(.timeLimit(.minutes(1)))
struct HTTP2Tests {
    @Test("Concurrent HTTP/2 requests each get their own body back")
    func echoes() async throws {
        let server = try TestServer { FrameServer($0).serve() }
        defer { server.stop() }
        let loop = CurlLoop()
        let answers = Collector<TransferResult>()
        let done = Counter()
        loop.submit(
            (0..<200).map { number in
                (
                    request: HTTPRequest(
                        url: server.url("/3/device/token"), headers: [("apns-topic", "com.example")],
                        body: Array("payload \(number)".utf8), version: .http2PriorKnowledge),
                    completion: { result in
                        answers.add(result)
                        done.increment()
                    }
                )
            })
        await done.wait(for: 200)
        let bodies = answers.values.compactMap { $0.response.map { String(decoding: $0.body, as: UTF8.self) } }
        #expect(Set(bodies) == Set((0..<200).map { "payload \($0)" }))
        #expect(answers.values.compactMap(\.failure?.description).first == nil)
        #expect(answers.values.allSatisfy { $0.response?.status == 200 })
        #expect(server.accepted == 200)
        await loop.shutdown()
    }

    @Test("A stream that is reset after the request leaves the outcome unknown")
    func resetStream() async throws {
        let server = try TestServer { FrameServer($0, resets: true).serve() }
        defer { server.stop() }
        let loop = CurlLoop()
        let result = await loop.perform(
            HTTPRequest(url: server.url(), body: [1], version: .http2PriorKnowledge))
        #expect(result.failure?.reason == .curl(code: 92))
        #expect(result.failure?.delivery == .unknown)
        await loop.shutdown()
    }
}
