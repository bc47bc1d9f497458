import Testing

@testable import Curl

/// The loop's sockets under epoll: many at once, and reused socket numbers.
@Suite(.timeLimit(.minutes(1)))
struct SocketWatchTests {
    @Test("More sockets can be ready at once than one wait returns")
    func manyReady() async throws {
        let read = Counter()
        let held = Collector<TestConnection>()
        // One origin has 32 slots at first.
        let servers = try (0..<10).map { _ in
            try TestServer { connection in
                while connection.readRequest() != nil {
                    held.add(connection)
                    read.increment()
                }
            }
        }
        defer { for server in servers { server.stop() } }
        let loop = CurlLoop()
        let statuses = Collector<Int?>()
        let done = Counter()
        let record: @Sendable (TransferResult) -> Void = { result in
            statuses.add(result.response?.status)
            done.increment()
        }
        for round in 1...3 {
            loop.submit(
                servers.flatMap { server in
                    (0..<32).map { _ in (HTTPRequest(url: server.url(), body: [1]), record) }
                })
            await read.wait(for: round * 320)
            for connection in held.values.suffix(320) { connection.respond() }
            await done.wait(for: round * 320)
        }
        #expect(statuses.values.allSatisfy { $0 == 200 })
        #expect(servers.allSatisfy { $0.accepted == 32 })
        await loop.shutdown()
    }

    @Test("With connections that keep closing, no request is lost and none is sent twice")
    func reusedNumbers() async throws {
        let copies = Counter()
        let server = try TestServer { connection in
            while let request = connection.readRequest() {
                copies.increment()
                switch request.body.first.map({ $0 % 8 }) {
                case 0: return connection.respond(headers: "Connection: close\r\n")
                case 1: return connection.respond()  // and closes while the connection is idle
                case 2: return connection.reset()
                case 3: return
                default: connection.respond()
                }
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let calls = 2_000
        let answered = Counter()
        let failed = Counter()
        let surprises = Collector<TransferFailure>()
        let done = Counter()
        let record: @Sendable (TransferResult) -> Void = { result in
            if result.response != nil { answered.increment() } else { failed.increment() }
            if let failure = result.failure, failure.delivery != .unknown { surprises.add(failure) }
            done.increment()
        }
        loop.submit(
            (0..<calls).map { number in
                // Half of them by host name, so that the resolver's sockets are opened and closed as well.
                let url = number.isMultiple(of: 2) ? server.url() : "http://localhost:\(server.port)/"
                return (HTTPRequest(url: url, body: [UInt8(truncatingIfNeeded: number &* 167 / 3)]), record)
            })
        await done.wait(for: calls)
        #expect(surprises.values.isEmpty)
        // A request on a closed connection may not have been read by any server.
        #expect(copies.value <= calls && copies.value >= answered.value)
        #expect(answered.value + failed.value == calls && answered.value > calls / 2)
        #expect(failed.value >= calls / 8)
        await loop.shutdown()
    }
}
