import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreSettings
import SobreStore
import Testing

@Suite(
    "Pauses in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct PauseTests {
    private let database: TestDatabase

    init() throws { database = try TestDatabase() }

    @Test func `a pause is known to all nodes, replaced by its filter and lifted by its ID`() async throws {
        let store = try database.open()
        let spring = DeliveryFilter(campaign: "spring", category: "news", channel: .sms)
        let first = try #require(try await store.pause(spring, until: nil, reason: "wrong link", by: "eve"))
        #expect(first.isNew && first.pause.since == TestDatabase.start)
        #expect(store.pausesInForce.all == [first.pause])
        database.time.advance(by: .seconds(5))
        let end = TestDatabase.start + .seconds(60)
        let again = try #require(try await store.pause(spring, until: end, reason: "still", by: "ann"))
        var expected = first.pause
        (expected.until, expected.reason, expected.by) = (end, "still", "ann")
        #expect(!again.isNew && again.pause == expected)
        let second = try #require(
            try await store.pause(DeliveryFilter(provider: "acme"), until: nil, reason: "", by: "eve"))
        #expect(second.pause.id > first.pause.id)

        let other = try database.open()
        #expect(other.pausesInForce.all == [expected, second.pause])
        #expect(try await other.pauses(at: database.time.now()).map(\.pause) == [expected, second.pause])
        #expect(try await other.facts(recipient: "ann", horizon: .seconds(1)).pauses == [expected, second.pause])
        #expect(try await other.pauses(at: end).map(\.pause) == [second.pause])
        #expect(try await other.resume(second.pause.id) == second.pause)
        #expect(try await other.resume(second.pause.id) == nil)
        #expect(other.pausesInForce.all == [expected])
        let audit = try await store.audit(AuditQuery())
        #expect(audit.map(\.action) == [.pause, .pause, .pause])
        #expect(audit.map(\.author.name) == ["eve", "ann", "eve"])
        #expect(audit[1].detail == "until \(end.rfc3339)")
        await other.close()
        await store.close()
    }

    @Test func `what is held is counted, and free when the pause ends or is changed`() async throws {
        let store = try database.open()
        let all = try #require(try await store.pause(.all, until: nil, reason: "", by: "eve"))
        let acme = DeliveryFilter(provider: "acme")
        let provider = try #require(try await store.pause(acme, until: nil, reason: "", by: "eve"))
        let other = DeliveryFilter(provider: "other")
        let idle = try #require(try await store.pause(other, until: nil, reason: "", by: "eve"))
        func section(_ id: Int64) throws -> Int64 {
            try database.numbers("SELECT section FROM pause WHERE id = \(id)").first ?? 0
        }
        for (bucket, section) in [
            (0, try section(all.pause.id)), (511, try section(all.pause.id)), (3, try section(provider.pause.id)),
        ] {
            try database.connection().run(
                script: """
                    INSERT INTO queue VALUES (\(bucket), \(section), 1, 1, 1, \(bucket), 1, 3, 0, 0, NULL, 0, '', 1)
                    """)
        }
        #expect(try await store.pauses(at: TestDatabase.start).map(\.held) == [2, 1, 0])
        // The same pause with another reason keeps what it holds.
        _ = try await store.pause(.all, until: nil, reason: "longer", by: "eve")
        #expect(try await store.pauses(at: TestDatabase.start).map(\.held) == [2, 1, 0])
        // With another end it is decided once more.
        _ = try await store.pause(.all, until: TestDatabase.start + .seconds(9), reason: "", by: "eve")
        #expect(try await store.pauses(at: TestDatabase.start).map(\.held) == [0, 1, 0])
        // A pause of one provider may have held what another's pause holds now.
        _ = try await store.resume(idle.pause.id)
        #expect(try await store.pauses(at: TestDatabase.start).map(\.held) == [0, 0])
        await store.close()
    }

    @Test func `there are as many pauses as the store allows, without those that have ended`() async throws {
        var configuration = database.configuration
        configuration.limits.maxPauses = 2
        let store = try PostgresStore.open(configuration, time: database.time)
        let end = TestDatabase.start + .seconds(9)
        let one = DeliveryFilter(campaign: "one")
        #expect(try await store.pause(one, until: end, reason: "", by: "eve") != nil)
        #expect(try await store.pause(DeliveryFilter(campaign: "two"), until: nil, reason: "", by: "eve") != nil)
        #expect(try await store.pause(DeliveryFilter(campaign: "three"), until: nil, reason: "", by: "eve") == nil)
        database.time.advance(by: .seconds(9))
        let again = try #require(try await store.pause(one, until: nil, reason: "", by: "eve"))
        #expect(again.isNew)
        #expect(try database.numbers("SELECT count(*) FROM pause") == [2])
        await store.close()
    }

    @Test func `pauses that several tasks order at once are all known to each node that ordered one`() async throws {
        let nodes = [try database.open(), try database.open()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<20 {
                group.addTask {
                    _ = try await nodes[task % 2].pause(
                        DeliveryFilter(campaign: "c\(task)"), until: nil, reason: "", by: "eve")
                }
            }
            try await group.waitForAll()
        }
        _ = try await nodes[0].pause(.all, until: nil, reason: "", by: "eve")
        #expect(nodes[0].pausesInForce.all.count == 21)
        for node in nodes { await node.close() }
    }

    @Test func `a pause is answered after the decisions that were being made`() async throws {
        let store = try database.open()
        let decision = try database.connection()
        try decision.run(script: "BEGIN; SELECT FROM bucket WHERE id = 300 FOR NO KEY UPDATE")
        let order = Task { try await store.pause(.all, until: nil, reason: "", by: "eve")?.isNew }
        #expect(try await database.hasWaitingLock())
        #expect(store.pausesInForce.all.isEmpty)
        try decision.run(script: "COMMIT")
        #expect(try await order.value == true)
        #expect(store.pausesInForce.all.count == 1)
        await store.close()
    }
}
