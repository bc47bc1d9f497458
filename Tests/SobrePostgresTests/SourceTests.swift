import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreStore
import Testing

@Suite(
    "What is taken from logs in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct SourceTests {
    private static let first = SourcePartition(topic: "orders", partition: 0)
    private static let second = SourcePartition(topic: "orders", partition: 1)

    private let database: TestDatabase

    init() throws { database = try TestDatabase() }

    private static func message(_ partition: SourcePartition, _ offset: Int64, key: String? = nil) -> SourceBatch.Entry
    {
        let submission = Submission(
            draft: MessageDraft(recipient: "ann", template: "hello", category: "news", channels: [.email]),
            idempotencyKey: key, requestHash: KeyHash("request \(offset)"))
        return SourceBatch.Entry(
            partition: partition, offset: offset, content: .message(submission), recipient: .recipient("ann"),
            size: 20, bytes: [])
    }

    private static func reject(_ partition: SourcePartition, _ offset: Int64) -> SourceBatch.Entry {
        SourceBatch.Entry(
            partition: partition, offset: offset, content: .rejected(RecordProblem(code: "cut", message: "cut")),
            recipient: .recipient("ann"), size: 4_000, bytes: [1, 2])
    }

    private static func batch(_ entries: [SourceBatch.Entry], _ moves: [SourceBatch.Move]) -> SourceBatch {
        SourceBatch(source: "shop", entries: entries, moves: moves, maxRejects: 3) {
            RecordProblem(code: "conflict", message: "\($0)")
        }
    }

    @Test func `messages, rejected records and positions are stored together, or nothing is`() async throws {
        let store = try database.open()
        let stored = try await store.enqueue(
            Self.batch(
                [Self.message(Self.first, 5), Self.reject(Self.second, 0)],
                [.init(Self.first, from: nil, to: 6), .init(Self.second, from: nil, to: 1)]))
        guard case .stored(let results, let rejected) = stored else {
            Issue.record("\(stored)")
            return
        }
        #expect(results.count == 1 && rejected == 1)
        let positions = [Self.first: Int64(6), Self.second: 1]
        #expect(try await store.positions(of: "shop") == positions)
        // The first of the two partitions has not moved, and yet stays where it is.
        let late = Self.batch(
            [Self.message(Self.first, 6), Self.reject(Self.second, 1)],
            [.init(Self.first, from: 6, to: 7), .init(Self.second, from: nil, to: 2)])
        #expect(try await store.enqueue(late) == .moved(positions))
        #expect(try await store.positions(of: "shop") == positions)
        #expect(try await store.rejectCounts() == ["shop": 1])
        #expect(try database.numbers("SELECT count(*) FROM message") == [1])
        await store.close()
    }

    @Test func `of two nodes that read one partition a single one goes on`() async throws {
        let nodes = [try database.open(), try database.open()]
        for round in 0..<20 {
            let batch = Self.batch(
                [Self.message(Self.first, Int64(round))],
                [.init(Self.first, from: round == 0 ? nil : Int64(round), to: Int64(round) + 1)])
            async let one = nodes[0].enqueue(batch)
            async let other = nodes[1].enqueue(batch)
            let moved = try await [one, other].count { if case .moved = $0 { true } else { false } }
            #expect(moved == 1, "round \(round)")
        }
        #expect(try database.numbers("SELECT count(*) FROM message") == [20])
        for node in nodes { await node.close() }
    }

    @Test func `a conflicting key and a repeated record are rejected once, and the newest rejects are kept`()
        async throws
    {
        let store = try database.open()
        _ = try await store.enqueue(Self.batch([Self.message(Self.first, 0, key: "k")], []))
        for _ in 0..<2 {
            _ = try await store.enqueue(
                Self.batch([Self.message(Self.first, 1, key: "k"), Self.reject(Self.first, 2)], []))
        }
        let rejects = try await store.rejects(ofSource: "shop", before: nil, limit: 9)
        #expect(rejects.map(\.offset) == [2, 1] && rejects.map(\.problem.code) == ["cut", "conflict"])
        _ = try await store.enqueue(Self.batch((3..<6).map { Self.reject(Self.first, $0) }, []))
        #expect(try await store.rejects(ofSource: nil, before: nil, limit: 9).map(\.offset) == [5, 4, 3])
        #expect(try await store.pruneRejects(before: TestDatabase.start + .seconds(1), limit: 2) == 2)
        #expect(try await store.rejectCounts() == ["shop": 1])
        await store.close()
    }

    @Test func `inbound messages are paged, bounded, and the last time an address wrote never goes back`() async throws
    {
        let store = try database.open()
        for second in 0..<4 {
            let at = TestDatabase.start + .seconds(second)
            try await store.keep(
                unmatched: UnmatchedInboundMessage(
                    receivedAt: at, channel: .sms, sender: KeyHash("a\(second)"), label: "…\(second)",
                    provider: nil, words: "who is this"), atMost: 3)
            try await store.note(LastInbound(address: KeyHash("a\(second % 2)"), at: at))
        }
        try await store.note(LastInbound(address: KeyHash("a1"), at: TestDatabase.start))
        let page = try await store.unmatchedMessages(before: nil, limit: 2)
        #expect(page.messages.map(\.label) == ["…3", "…2"])
        #expect(try await store.unmatchedMessages(before: page.next, limit: 2).messages.map(\.label) == ["…1"])
        let all = try await store.lastInbound(after: nil, limit: 9)
        #expect(Set(all.map(\.at)) == [TestDatabase.start + .seconds(2), TestDatabase.start + .seconds(3)])
        #expect(try await store.lastInbound(after: all[0].address, limit: 9) == [all[1]])
        await store.close()
    }
}
