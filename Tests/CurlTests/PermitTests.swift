import Synchronization
import Testing

@testable import Curl

/// `mayBegin` is asked when the first byte would leave, wherever the request waited before.
@Suite(.timeLimit(.minutes(1)))
struct PermitTests {
    /// A permission that a test takes away.
    private final class Permit: Sendable {
        private let isGiven = Atomic(true)
        let asked = Counter()

        func end() { isGiven.store(false, ordering: .releasing) }

        func mayBegin() -> Bool {
            asked.increment()
            return isGiven.load(ordering: .acquiring)
        }
    }

    @Test("A request whose permission ends while it waits for a place is not sent and frees its place in the queue")
    func waiting() async throws {
        let read = Counter()
        let server = try TestServer { connection in
            while connection.readRequest() != nil { read.increment() }
        }
        defer { server.stop() }
        let loop = CurlLoop(configuration: CurlLoopConfiguration(maxInFlight: 1))
        loop.submit(HTTPRequest(url: server.url(), body: [1], totalTimeout: .seconds(30))) { _ in }
        await read.wait(for: 1)
        let permit = Permit()
        let ended = Collector<TransferResult>()
        let done = Counter()
        loop.submit(HTTPRequest(url: server.url(), body: [2], mayBegin: { permit.mayBegin() })) { result in
            ended.add(result)
            done.increment()
        }
        await permit.asked.wait(for: 1)
        #expect(done.value == 0, "it waits while it may begin")
        permit.end()
        await done.wait(for: 1)
        #expect(ended.values.first?.failure?.reason == .notPermitted)
        #expect(ended.values.first?.failure?.delivery == .notSent)
        #expect(read.value == 1)
        await loop.shutdown(grace: .zero)
    }

    @Test("A request whose permission ends while it connects is not sent")
    func connecting() async throws {
        let read = Counter()
        let server = try TestServer { connection in
            while connection.readRequest() != nil {
                read.increment()
                connection.respond()
            }
        }
        defer { server.stop() }
        let loop = CurlLoop()
        // The first question comes when its turn comes, the second when the connection is ready.
        let asked = Counter()
        let result = await loop.perform(
            HTTPRequest(
                url: server.url(), body: [1],
                mayBegin: {
                    asked.increment(); return asked.value == 1
                }))
        #expect(result.failure?.reason == .notPermitted)
        #expect(result.failure?.delivery == .notSent)
        #expect(asked.value == 2 && read.value == 0)
        let next = await loop.perform(HTTPRequest(url: server.url(), body: [2], mayBegin: { true }))
        #expect(next.response?.status == 200)
        #expect(read.value == 1)
        await loop.shutdown()
    }

    @Test("A mail whose permission ends before its turn or before its text is not handed over", arguments: [0, 1, 2])
    func mail(questions: Int) async throws {
        let peer = SMTPPeer()
        let server = try TestServer { peer.serve($0) }
        defer { server.stop() }
        let loop = MailLoop()
        let asked = Counter()
        var submission = MailSubmission.test(port: server.port)
        submission.mayBegin = {
            asked.increment(); return asked.value <= questions
        }
        let result = await loop.perform(submission)
        #expect(result.outcome.failure?.reason == .notPermitted)
        #expect(result.outcome.failure?.delivery == .notSent)
        #expect(asked.value > questions)
        #expect(peer.messages.values.isEmpty)
        let next = await loop.perform(.test(port: server.port))
        #expect(next.outcome.isAccepted)
        #expect(peer.messages.values.count == 1)
        await loop.shutdown()
    }
}
