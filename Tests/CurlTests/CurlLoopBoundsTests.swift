import Glibc
import Testing

@testable import Curl

/// Bounds, cancellation and shutdown.
@Suite(.timeLimit(.minutes(1)))
struct CurlLoopBoundsTests {
    /// A server that reads requests, counts them and never answers.
    private func silentServer(_ read: Counter) throws -> TestServer {
        try TestServer { connection in
            while connection.readRequest() != nil { read.increment() }
        }
    }

    @Test("Requests beyond the inbox bound are refused at once with a message")
    func overload() async throws {
        let read = Counter()
        let server = try silentServer(read)
        defer { server.stop() }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxInFlight: 2, maxWaiting: 3))
        let results = Collector<TransferResult>()
        let done = Counter()
        let record: @Sendable (TransferResult) -> Void = { result in
            results.add(result)
            done.increment()
        }
        let request = HTTPRequest(url: server.url(), body: [1])
        for _ in 0..<2 { loop.submit(request, completion: record) }
        // Once the server has read both, they are no longer waiting.
        await read.wait(for: 2)
        loop.submit((0..<5).map { _ in (request, record) })
        #expect(results.values.map { $0.failure?.reason } == [.overloaded, .overloaded])
        #expect(results.values.allSatisfy { $0.failure?.delivery == .notSent })
        await loop.shutdown(grace: .zero)
        #expect(done.value == 7)
        let ends = results.values.dropFirst(2).compactMap(\.failure)
        #expect(ends.count(where: { $0.delivery == .unknown }) == 2)
        #expect(ends.count(where: { $0.delivery == .notSent }) == 3)
        #expect(ends.allSatisfy { $0.reason == .shutDown })
    }

    @Test("A hanging host leaves slots for the others")
    func perHost() async throws {
        let read = Counter()
        let hanging = try silentServer(read)
        let healthy = try TestServer { connection in
            while connection.readRequest() != nil { connection.respond() }
        }
        defer {
            hanging.stop()
            healthy.stop()
        }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxInFlight: 8, maxInFlightPerHost: 4))
        let failed = Counter()
        loop.submit(
            (0..<100).map { _ in
                (HTTPRequest(url: hanging.url(), body: [1], totalTimeout: .seconds(30)), { _ in failed.increment() })
            })
        await read.wait(for: 4)
        for _ in 0..<50 {
            let result = await loop.perform(HTTPRequest(url: healthy.url(), body: [1]))
            #expect(result.response?.status == 200)
        }
        #expect(read.value == 4)
        #expect(failed.value == 0)
        await loop.shutdown(grace: .zero)
        #expect(failed.value == 100)
    }

    @Test("A request that waits longer than its total time fails unsent")
    func waitingTimesOut() async throws {
        let read = Counter()
        let server = try silentServer(read)
        defer { server.stop() }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxInFlight: 1))
        loop.submit(HTTPRequest(url: server.url(), body: [1], totalTimeout: .seconds(30))) { _ in }
        await read.wait(for: 1)
        let result = await loop.perform(HTTPRequest(url: server.url(), body: [2], totalTimeout: .milliseconds(100)))
        #expect(result.failure?.reason == .timedOutWaiting)
        #expect(result.failure?.delivery == .notSent)
        #expect(result.waitTime >= .milliseconds(100) && result.waitTime < .seconds(5))
        #expect(read.value == 1)
        await loop.shutdown(grace: .zero)
    }

    @Test("A transfer for which libcurl has no connection also times out")
    func withoutConnection() async throws {
        let read = Counter()
        let server = try silentServer(read)
        defer { server.stop() }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxConnectionsPerHost: 1))
        loop.submit(HTTPRequest(url: server.url(), body: [1], totalTimeout: .seconds(30))) { _ in }
        await read.wait(for: 1)
        let result = await loop.perform(HTTPRequest(url: server.url(), body: [2], totalTimeout: .milliseconds(200)))
        #expect(result.failure?.reason == .curl(code: 28))
        #expect(result.failure?.delivery == .notSent)
        #expect(result.totalTime >= .milliseconds(190) && result.totalTime < .seconds(5))
        #expect(read.value == 1)
        await loop.shutdown(grace: .zero)
    }

    @Test("Cancelling completes a running transfer as unknown and a waiting one as not sent, each once")
    func cancellation() async throws {
        let read = Counter()
        let server = try silentServer(read)
        defer { server.stop() }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxInFlight: 1))
        let results = Collector<TransferResult>()
        let done = Counter()
        let record: @Sendable (TransferResult) -> Void = { result in
            results.add(result)
            done.increment()
        }
        let running = loop.submit(HTTPRequest(url: server.url(), body: [1]), completion: record)
        await read.wait(for: 1)
        let waiting = loop.submit(HTTPRequest(url: server.url(), body: [2]), completion: record)
        loop.cancel(waiting)
        await done.wait(for: 1)
        loop.cancel(running)
        loop.cancel(running)
        await done.wait(for: 2)
        loop.cancel(running)
        await loop.shutdown(grace: .zero)
        #expect(results.values.map(\.id) == [waiting, running])
        #expect(results.values.map { $0.failure?.reason } == [.cancelled, .cancelled])
        #expect(results.values.map { $0.failure?.delivery } == [.notSent, .unknown])
    }

    @Test("Cancelling the task cancels the transfer")
    func taskCancellation() async throws {
        let read = Counter()
        let server = try silentServer(read)
        defer { server.stop() }
        let loop = CurlLoop()
        let task = Task { await loop.perform(HTTPRequest(url: server.url(), body: [1])) }
        await read.wait(for: 1)
        task.cancel()
        #expect(await task.value.failure?.reason == .cancelled)
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await loop.perform(HTTPRequest(url: server.url(), body: [1]))
        }
        #expect(await early.value.failure?.reason == .cancelled)
        await loop.shutdown(grace: .zero)
    }

    @Test("Shutdown lets running transfers finish and refuses new ones")
    func graceful() async throws {
        let read = Counter()
        let goOn = Counter()
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                read.increment()
                // Holds the response until the test has started the shutdown.
                while goOn.value == 0 { sched_yield() }
                connection.respond()
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        let answer = Task { await loop.perform(HTTPRequest(url: server.url(), body: [1])) }
        await read.wait(for: 1)
        let end = Task { await loop.shutdown(grace: .seconds(20)) }
        var refused: TransferResult
        repeat {
            refused = await loop.perform(HTTPRequest(url: "http://127.0.0.1:1/"))
        } while refused.failure?.reason != .shutDown
        #expect(refused.failure?.delivery == .notSent)
        goOn.increment()
        #expect(await answer.value.response?.status == 200)
        await end.value
        // A second shutdown of an ended loop returns at once.
        await loop.shutdown()
    }

    @Test("A loop without an owner ends its transfers")
    func released() async throws {
        let read = Counter()
        let server = try silentServer(read)
        defer { server.stop() }
        let results = Collector<TransferResult>()
        let done = Counter()
        do {
            let loop = CurlLoop()
            loop.submit(HTTPRequest(url: server.url(), body: [1])) { result in
                results.add(result)
                done.increment()
            }
            await read.wait(for: 1)
        }
        await done.wait(for: 1)
        #expect(results.values.first?.failure?.reason == .shutDown)
        #expect(results.values.first?.failure?.delivery == .unknown)
    }
}
