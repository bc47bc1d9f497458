import Testing

@testable import Curl

/// HTTP/2 with prior knowledge against a server of a few frames (RFC 9113).
@Suite(.timeLimit(.minutes(1)))
struct HTTP2Tests {
    @Test("Many HTTP/2 requests at once each get their own body back")
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

    /// Echoes each request's body, or resets its stream. Reads no header block, so it needs no HPACK.
    private struct FrameServer {
        let connection: TestConnection
        let resets: Bool

        init(_ connection: TestConnection, resets: Bool = false) {
            self.connection = connection
            self.resets = resets
        }

        func serve() {
            var bodies: [UInt32: [UInt8]] = [:]
            guard connection.read(count: 24) == Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) else { return }
            write(type: 4, flags: 0, stream: 0, [])
            while let head = connection.read(count: 9) {
                let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
                let stream = head[5...].reduce(0) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
                guard let payload = connection.read(count: length) else { return }
                let isEnd = head[4] & 1 != 0
                switch head[3] {
                case 0:
                    bodies[stream, default: []] += payload
                    if length > 0 {
                        // Gives back the flow-control window of the connection.
                        write(type: 8, flags: 0, stream: 0, withUnsafeBytes(of: UInt32(length).bigEndian, Array.init))
                    }
                    if isEnd { answer(stream, bodies.removeValue(forKey: stream) ?? []) }
                case 1 where isEnd:
                    answer(stream, [])
                case 4 where head[4] & 1 == 0:
                    write(type: 4, flags: 1, stream: 0, [])
                case 6 where head[4] & 1 == 0:
                    write(type: 6, flags: 1, stream: 0, payload)
                default:
                    break
                }
            }
        }

        private func answer(_ stream: UInt32, _ body: [UInt8]) {
            if resets {
                // INTERNAL_ERROR
                write(type: 3, flags: 0, stream: stream, [0, 0, 0, 2])
                return
            }
            // 0x88 is `:status: 200` of HPACK's static table.
            write(type: 1, flags: 4, stream: stream, [0x88])
            write(type: 0, flags: 1, stream: stream, body)
        }

        private func write(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) {
            let length = withUnsafeBytes(of: UInt32(payload.count).bigEndian) { Array($0.dropFirst()) }
            connection.write(length + [type, flags] + withUnsafeBytes(of: stream.bigEndian, Array.init) + payload)
        }
    }
}
