import Glibc
import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import SobreWire
import Testing

/// Callers without a key beside one with a key: connections, bodies and time.
@Suite struct StrangerTests {
    /// Has the provider `acme`, whose signature is the word "good".
    private struct Desk: ReceiptRegistry {
        let maxWaiting = 1_000

        func knows(_ provider: String) -> Bool { provider == "acme" }

        func readsAuthorization(_ provider: String) -> Bool { false }

        func handshake(_ call: ReceiptCall, isVerified: Bool) -> ReceiptHandshake? { nil }

        func verify(_ call: ReceiptCall, now: Instant) throws(ReceiptRejection) {
            guard call.headers["webhook-signature"] == "good" else {
                throw ReceiptRejection(code: "signature", message: "No signature fits.")
            }
        }

        func read(_ call: ReceiptCall, isSigned: Bool, now: Instant) throws(ReceiptRejection) -> NativeReceipts? { nil }

        func verifyInbound(_ call: ReceiptCall, path: String, now: Instant) throws(ReceiptRejection) -> String {
            throw ReceiptRejection(code: "signature", message: "No signature fits.")
        }

        func wake() {}
    }

    /// Connections that stay open, used by one thread at a time.
    private final class Held: @unchecked Sendable {
        var connections: [RawConnection]
        init(_ connections: [RawConnection]) { self.connections = connections }
    }

    private let key = APIKey.generate()
    private var record: APIKeyRecord {
        key.record(label: "t", scopes: [.enqueue, .read], createdAt: SystemTime().now())
    }
    private var bearer: [(String, String)] { [("Authorization", "Bearer \(key.secret)")] }

    private func message(bytes: Int = 10) -> String {
        let note = String(repeating: "y", count: bytes)
        return #"{"recipient":"a","template":"thank-you","data":{"note":"\#(note)"}}"#
    }

    /// A request with the key that leaves the connection open.
    private var keyed: String {
        "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key.secret)\r\n\r\n"
    }
    private let live = "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private func refused(_ reason: String, _ server: TestServer) -> Int {
        let start = "sobre_http_refused_total{reason=\"\(reason)\"} "
        let line = server.metrics.render().split(separator: "\n").first { $0.hasPrefix(start) }
        return line.flatMap { Int($0.dropFirst(start.utf8.count)) } ?? -1
    }

    private func wait(_ what: String, until isTrue: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !isTrue(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(5)) }
        #expect(isTrue(), "\(what)")
    }

    @Test func `Bodies of strangers leave room for those of a caller with a key, and for small receipts`() async throws
    {
        var limits = HTTPLimits()
        limits.maxUnknownBufferedBytes = 300_000
        limits.bodyGrace = .seconds(60)
        try await TestServer.run(limits: limits, keys: [record], receipts: Desk()) { server in
            let port = server.client.port
            let strangers = try await onThread {
                try Held(
                    (0..<20).map { _ in
                        let stranger = try RawConnection(port: port)
                        stranger.send(
                            "POST /v1/receipts/acme HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
                        stranger.send([UInt8](repeating: 0x20, count: 100_000))
                        return stranger
                    })
            }
            try await wait("strangers are refused") { refused("unknown_bodies", server) >= 17 }
            for _ in 0..<20 {
                let answer = try await server.client.send(
                    "POST", "/v1/messages", headers: bearer, json: message(bytes: 60_000))
                #expect(answer.status == 202, "\(answer.text)")
            }
            let small = #"{"reference":"01jd3v8k6m1r0","kind":"delivered","at":"2026-03-01T09:00:04Z"}"#
            let receipt = try await server.client.send(
                "POST", "/v1/receipts/acme", headers: [("webhook-signature", "good")], json: small)
            #expect(receipt.status == 200, "\(receipt.text)")
            #expect(refused("known_bodies", server) == 0)
            let status = try await server.client.send("GET", "/v1/status", headers: bearer).json()
            #expect(status["http"]?["refused"]?["unknown_bodies"]?.int ?? 0 >= 17)
            #expect((1...300_000).contains(status["http"]?["unknown_buffered_bytes"]?.int ?? 0))
            strangers.connections = []
            let end = ContinuousClock.now + .seconds(10)
            var held = 1
            while held > 0, ContinuousClock.now < end {
                let status = try await server.client.send("GET", "/v1/status", headers: bearer).json()
                held = status["http"]?["unknown_buffered_bytes"]?.int ?? -1
            }
            #expect(held == 0)
        }
    }

    @Test func `A stranger's request takes one turn, and only when its body has arrived`() async throws {
        var limits = HTTPLimits()
        limits.maxUnknownRequests = 1
        limits.bodyGrace = .seconds(60)
        try await TestServer.run(limits: limits, keys: [record], receipts: Desk()) { server in
            // Receipts may come by GET. With one turn in all, a request that took two would wait for ever.
            let receipt = try await server.client.send(
                "GET", "/v1/receipts/acme", headers: [("webhook-signature", "good")])
            #expect(receipt.status == 422, "\(receipt.text)")

            let port = server.client.port
            let slow = try await onThread {
                try Held(
                    ["Content-Length: 1000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"].map { rest in
                        let stranger = try RawConnection(port: port)
                        stranger.send("GET /v1/receipts/acme HTTP/1.1\r\nHost: localhost\r\n\(rest)")
                        return stranger
                    })
            }
            try await Task.sleep(for: .milliseconds(200))
            let live = try await server.client.send("GET", "/health/live")
            #expect(live.status == 200)
            slow.connections = []
        }
    }

    @Test func `A new connection takes the place of the stranger that waited longest, never of a known caller`()
        async throws
    {
        var limits = HTTPLimits()
        limits.maxUnknownConnections = 3
        limits.unknownGrace = .zero
        try await TestServer.run(limits: limits, keys: [record]) { [keyed, live] server in
            let (first, others, known, served) = try await server.client.exchange { known in
                known.send(keyed)
                _ = known.read(until: "}")
                let port = server.client.port
                let waiting = try (0..<3).map { _ in
                    let stranger = try RawConnection(port: port)
                    stranger.send(live)
                    _ = stranger.read(until: "live")
                    return stranger
                }
                // The one that asked last waits for the shortest time.
                waiting[0].send(live)
                _ = waiting[0].read(until: "live")
                let new = try RawConnection(port: port)
                new.send(live)
                let served = new.read(until: "live").hasPrefix("HTTP/1.1 200")
                let first = waiting[1].closes()
                let others = [waiting[0].isClosed, waiting[2].isClosed]
                known.send(keyed)
                return (first, others, known.read(until: "}").hasPrefix("HTTP/1.1 200"), served)
            }
            #expect(served && first && known)
            #expect(others == [false, false])
            #expect(refused("unknown_connections", server) == 1)
        }
    }

    @Test func `A stranger that dribbles a body gives way like one that sends nothing`() async throws {
        var limits = HTTPLimits()
        limits.maxUnknownConnections = 2
        limits.unknownGrace = .zero
        limits.bodyGrace = .seconds(60)
        try await TestServer.run(limits: limits, keys: [record], receipts: Desk()) { [live] server in
            let isClosed = try await server.client.exchange { dribbling in
                dribbling.send("POST /v1/receipts/acme HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n[")
                let others = try (0..<2).map { _ in
                    let other = try RawConnection(port: server.client.port)
                    other.send(live)
                    _ = other.read(until: "live")
                    return other
                }
                return withExtendedLifetime(others) { dribbling.closes() }
            }
            #expect(isClosed)
            #expect(try await server.store.receiptTotals() == [:], "half a body is not handled")
        }
    }

    @Test func `When all connections are of known callers, an idle one gives way`() async throws {
        var limits = HTTPLimits()
        limits.maxConnections = 2
        try await TestServer.run(limits: limits, keys: [record]) { [keyed] server in
            let (closed, served) = try await server.client.exchange { first in
                first.send(keyed)
                _ = first.read(until: "}")
                let second = try RawConnection(port: server.client.port)
                second.send(keyed)
                _ = second.read(until: "}")
                let third = try RawConnection(port: server.client.port)
                third.send(keyed)
                let served = third.read(until: "}").hasPrefix("HTTP/1.1 200")
                return ([first.isClosed, second.isClosed], served)
            }
            #expect(served)
            #expect(closed == [true, false])
            #expect(refused("connections", server) == 1)
        }
    }

    @Test func `A connection that was just opened is spared by the bounds of strangers, not by that of all`()
        async throws
    {
        var limits = HTTPLimits()
        limits.maxConnectionsPerPeer = 1
        limits.maxUnknownConnections = 1
        limits.maxConnections = 3
        limits.unknownGrace = .seconds(60)
        try await TestServer.run(limits: limits) { [live] server in
            let closed = try await onThread { [port = server.client.port] in
                let connections = try (0..<4).map { _ in
                    let connection = try RawConnection(port: port)
                    connection.send(live)
                    _ = connection.read(until: "live")
                    return connection
                }
                return connections.map(\.isClosed)
            }
            #expect(closed == [true, false, false, false])
            #expect(refused("connections", server) == 1)
        }
    }

    @Test func `Each peer has a bound of connections, and a reverse proxy has none`() async throws {
        var limits = HTTPLimits()
        limits.maxConnectionsPerPeer = 2
        limits.unknownGrace = .zero
        limits.proxies = [try #require(AddressRange("127.0.0.4/31"))]
        try await TestServer.run(limits: limits, keys: [record]) { [live] server in
            let closed = try await onThread { [port = server.client.port] in
                func open(_ count: Int, from host: UInt8) throws -> [RawConnection] {
                    try (0..<count).map { _ in
                        let connection = try RawConnection(port: port, from: host)
                        connection.send(live)
                        _ = connection.read(until: "live")
                        return connection
                    }
                }
                let proxy = try open(5, from: 5)
                let other = try open(2, from: 3)
                let peer = try open(3, from: 2)
                return [proxy, other, peer].map { $0.map(\.isClosed) }
            }
            #expect(closed[0] == [false, false, false, false, false])
            #expect(closed[1] == [false, false])
            #expect(closed[2] == [true, false, false])
            #expect(refused("peer_connections", server) == 1)
        }
    }

    @Test func `A body below the lowest rate is cut off, and one above it is read`() async throws {
        var limits = HTTPLimits()
        limits.bodyGrace = .milliseconds(300)
        limits.minBodyRate = 1_000
        try await TestServer.run(limits: limits) { server in
            let (slow, steady) = try await server.client.exchange { [body = message(bytes: 3_000)] slow in
                let head = "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length:"
                slow.send("\(head) 100000\r\n\r\n{")
                let answer = slow.readToEnd()
                let steady = try RawConnection(port: server.client.port)
                steady.send("\(head) \(body.utf8.count)\r\n\r\n")
                for part in stride(from: 0, to: body.utf8.count, by: 500) {
                    usleep(100_000)
                    steady.send(Array(body.utf8.dropFirst(part).prefix(500)))
                }
                return (try RawResponse(answer), steady.read(until: "}"))
            }
            #expect(slow.status == 408)
            #expect(try slow.json()["code"]?.string == "body_too_slow")
            #expect(steady.hasPrefix("HTTP/1.1 202"), "\(steady)")
            #expect(refused("slow_body", server) == 1)
        }
    }

    @Test func `A client that does not read its responses is cut off`() async throws {
        var limits = HTTPLimits()
        limits.writeTimeout = .milliseconds(200)
        try await TestServer.run(limits: limits, keys: [record]) { [key] server in
            let request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(key.secret)\r\n\r\n"
            let greedy = try await onThread { [port = server.client.port] in
                let greedy = try RawConnection(port: port)
                // More than the buffers of both sides hold. A server that stops reading ends this by its time-out.
                greedy.send(String(repeating: request, count: 20_000))
                return Held([greedy])
            }
            try await wait("it is cut off") { refused("slow_reader", server) == 1 }
            withExtendedLifetime(greedy) {}
        }
    }

    @Test(arguments: [
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000000\r\n\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sobre_00\r\nContent-Length: 900000\r\n\r\n",
        "POST /v1/receipts/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
        "POST /v1/receipts/acme HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sobre_00\r\nContent-Length: 900000\r\n\r\n",
        "POST /v1/inbound/sms HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n",
    ])
    func `Without a valid key, a body is refused before it is sent, and the connection closed`(
        request: String
    ) async throws {
        try await TestServer.run(keys: [record], receipts: Desk()) { server in
            let answer = try await server.client.exchange { connection in
                connection.send(request)
                return try RawResponse(connection.readToEnd())
            }
            #expect(answer.status == 401)
            #expect(answer.headers["connection"] == "close")
            #expect(refused("unread_body", server) == 1)
        }
    }

    @Test func `A body that is small enough to be read costs no connection`() async throws {
        try await TestServer.run(keys: [record]) { [live] server in
            let (refusal, next) = try await server.client.exchange { connection in
                connection.send("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
                let refusal = connection.read(until: "}")
                connection.send(String(repeating: " ", count: 1_000) + live)
                return (refusal, connection.read(until: "live"))
            }
            #expect(refusal.hasPrefix("HTTP/1.1 401"))
            #expect(next.hasPrefix("HTTP/1.1 200"))
        }
    }
}
