import GRDBSQLite
import SobreModel
import SobreStore
import Testing

@testable import SobreSQLite
@testable import SobreStoreConformance

@Suite("A message that is sent leaves one row in the log; the other entries are derived")
struct DerivedEntriesTests {
    @Test("Accepted and attempted messages have no row, an outcome and a hold have one each")
    func rows() async throws {
        try await withDriver { driver, store in
            try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("bob"))
            #expect(try await Self.count("log", store) == 0)
            let attempt = try await driver.start()
            #expect(try await Self.count("log", store) == 0)
            try await driver.record(attempt, .sent, .sent)
            #expect(try await Self.count("log", store) == 1)
            _ = try await driver.admit(
                driver.claim(), StoreDriver.always(.hold(until: driver.time.now() + .seconds(9), .quietHours)))
            #expect(try await Self.count("log", store) == 2)
            // The outcome is found through its attempt.
            #expect(try await Self.count("log WHERE is_outcome = 0", store) == 1)
            let states = try await driver.logForward(limit: 50).map(\.entry.state)
            #expect(states == [.queued, .queued, .attempting, .sent, .held])
        }
    }

    /// The rows of tables, without those with random keys, which are written later. `tally` and `meta` have a few rows a
    /// transaction.
    @Test("Six rows are written while a message is sent")
    func writes() async throws {
        try await withDriver { driver, store in
            let count = 500
            let before = try await Self.changes(store)
            _ = try await store.enqueue((0..<count).map { Submission(draft: StoreDriver.draft("p\($0)")) })
            let admitted = try await driver.admit(driver.claim(count)).compactMap { result in
                if case .admitted(let attempt) = result { attempt } else { nil }
            }
            try #require(admitted.count == count)
            _ = try await store.record(
                admitted.map {
                    AttemptRecord(
                        ledgerID: $0.ledgerID, delivery: $0.delivery, proof: .sent,
                        change: DeliveryChange(.sent, attempt: 1, channel: .email, provider: "acme"))
                })
            // message, queue; queue, attempt; attempt, log.
            let rows = Double(try await Self.changes(store) - before) / Double(count)
            #expect(rows > 6 && rows < 6.1, "\(rows)")
        }
    }

    @Test("The newest entry keeps its number over a restart, whichever table it is derived from")
    func restart() async throws {
        try await withTemporaryDirectory { directory in
            var driver = try await StoreDriver(ConformanceTests.storeUnderTest(directory))
            for kind in 0..<4 {
                try await driver.enqueue(StoreDriver.draft("ann", channels: [.email, .sms], route: .all))
                if kind > 0 {
                    let attempt = try await driver.start()
                    if kind > 1 { try await driver.record(attempt, .sent, .sent) }
                }
                if kind == 3 {
                    _ = try await driver.store.prune(
                        messagesBefore: .distantFuture, ledgerBefore: .distantFuture, idempotencyBefore: .distantPast,
                        limit: 1_000)
                }
                let before = try await driver.logForward(limit: 50)
                let newest = try #require(before.last)
                driver = try await driver.reopened()
                #expect(try await driver.logForward(limit: 50) == before)
                try await driver.enqueue(StoreDriver.draft("bob"))
                let after = try await driver.store.log(LogQuery(direction: .forward(after: newest.cursor))).rows
                #expect(after.map(\.recipient) == ["bob"])
                #expect(after[0].entry.sequence == newest.entry.sequence + 1)
            }
            await driver.store.close()
        }
    }

    @Test("An attempt that was begun by the version before ends as it did there")
    func inFlight() async throws {
        try await withTemporaryDirectory { directory in
            let driver = try await StoreDriver(ConformanceTests.storeUnderTest(directory))
            let id = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            let attempt = try await driver.start()
            await driver.store.close()
            try FormerLayout.change(directory, FormerLayout.withoutDerivedEntries)
            let again = try await StoreDriver(driver.test)
            let store = try #require(again.store as? SQLiteStore)
            try await again.record(attempt, .sent, .sent)
            #expect(try await store.history(of: id).map(\.state) == [.queued, .attempting, .sent])
            #expect(try await Self.count("log WHERE is_outcome = 0 AND attempt = \(attempt.ledgerID)", store) == 2)
            #expect(try await Self.count("attempt WHERE last_entry IS NULL", store) == 1)
            #expect(try await store.address(of: attempt.delivery) == attempt.address.subject)
            await store.close()
        }
    }

    @Test("The words of a decision to send go when the recipient is erased")
    func erasure() async throws {
        try await withDriver { driver, store in
            try await store.put([StoreDriver.person("ann")])
            let id = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            let results = try await driver.admit(driver.claim()) { request, facts, _ in
                AdmissionDecision(
                    verdict: .send(StoreDriver.address(request, facts), StoreDriver.traits(request)), policyVersion: 3,
                    summary: "to ann@example.com")
            }
            #expect(try await store.history(of: id).map(\.detail) == ["", "to ann@example.com"])
            #expect(try await store.erase("ann")?.messages == 1)
            #expect(try await store.history(of: id).map(\.detail) == ["", ""])
            guard case .admitted(let attempt) = results[0] else { throw StoreError(.internal, "It was not admitted.") }
            try await driver.record(attempt, .sent, .sent)
            let entries = try await store.history(of: id)
            #expect(entries.map(\.state) == [.queued, .attempting, .sent] && entries.allSatisfy { $0.detail.isEmpty })
        }
    }

    @Test("No query of the log reads a whole table or builds an index of its own", arguments: [true, false])
    func plans(isForward: Bool) async throws {
        try await withDriver { driver, store in
            for index in 0..<8 { try await driver.enqueue(StoreDriver.draft("p\(index % 3)")) }
            for _ in 0..<4 { try await driver.record(driver.start(), .sent, .sent) }
            _ = try await driver.admit(driver.claim(1), StoreDriver.always(.drop(.suppressed)))
            let filters = [
                LogQuery(), LogQuery(states: [.sent, .queued]), LogQuery(channels: [.email]), LogQuery(reasons: ["x"]),
                LogQuery(recipient: "p1"), LogQuery(campaign: "summer"), LogQuery(provider: "acme"),
                LogQuery(since: driver.time.now()),
            ]
            for var query in filters {
                query.direction = isForward ? .forward(after: nil) : .backward(before: nil)
                let filter = query
                try await store.reader.read { db throws(StoreError) in
                    let names = try filter.recipient.map { id throws(StoreError) in
                        try PersonNames(of: .recipient(id), on: db).list
                    }
                    let place = try LogPosition(filter.direction)
                    let sources = try LogFilter(filter, from: place, names: names, LogBounds(on: db)).sources(on: db)
                    var merged = LogMerge(sources, isForward: isForward)
                    while try merged.next() != nil {}
                    Self.expectSearches(on: db)
                }
            }
            let last = try #require(try await driver.logForward(limit: 50).last).entry.delivery
            try await store.reader.read { db throws(StoreError) in
                let entries = DeliveryEntries(db)
                _ = try entries.last(of: last)
                _ = try entries.all(of: last.message)
                Self.expectSearches(on: db)
            }
        }
    }

    /// Every statement that is still prepared has found its rows by a key.
    static func expectSearches(on db: OpaquePointer) {
        var statement = sqlite3_next_stmt(db, nil)
        while let current = statement {
            let sql = String(cString: sqlite3_sql(current))
            #expect(sqlite3_stmt_status(current, SQLITE_STMTSTATUS_AUTOINDEX, 0) == 0, "\(sql)")
            #expect(sqlite3_stmt_status(current, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0) == 0, "\(sql)")
            statement = sqlite3_next_stmt(db, current)
        }
    }

    @Test("Attempts that are open are found by the oldest, also when a rollback opens one again")
    func oldest() {
        var open = OpenAttempts()
        #expect(open.oldest() == nil)
        let attempts = [3, 7, 8, 20].map(Self.attempt)
        for attempt in attempts { open.insert(attempt) }
        #expect(open.oldest() == 3)
        open.remove(7)
        open.remove(3)
        #expect(open.oldest() == 8)
        open.insert(attempts[1])
        #expect(open.oldest() == 7)
        open.insert(attempts[0])
        #expect(open.oldest() == 3)
        for id in [3, 7, 8, 20] as [Int64] { open.remove(id) }
        #expect(open.oldest() == nil)
        // One that stays open while thousands come and go.
        open.insert(Self.attempt(30))
        for id in 31..<9_000 as Range<Int64> {
            open.insert(Self.attempt(id))
            open.remove(id)
            #expect(open.oldest() == 30)
        }
        open.insert(Self.attempt(9_000))
        open.remove(30)
        #expect(open.oldest() == 9_000)
    }

    private static func attempt(_ id: Int64) -> OpenAttempt {
        OpenAttempt(
            entry: LedgerEntry(
                id: id, delivery: DeliveryID(rawValue: id << 4), state: .reserved, reservedAt: .epoch, committedAt: nil,
                traits: ContactTraits(
                    message: MessageDraft(recipient: "ann", template: "t", channels: [.email]), channel: .email),
                recipient: .recipient("ann"), address: KeyHash("a")),
            number: 1, provider: "p", deadline: .epoch, possibleDuplicate: false, policyVersion: 1,
            templateVersion: "", owner: NodeIncarnation(rawValue: 1))
    }

    func withDriver(_ body: (StoreDriver, SQLiteStore) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let driver = try await StoreDriver(ConformanceTests.storeUnderTest(directory))
            let store = try #require(driver.store as? SQLiteStore)
            try await body(driver, store)
            await store.close()
        }
    }

    private static func count(_ table: String, _ store: SQLiteStore) async throws -> Int64 {
        try await value("SELECT count(*) FROM \(table)", store)
    }

    /// The rows that the writer's connection has changed since it was opened.
    private static func changes(_ store: SQLiteStore) async throws -> Int64 {
        try await value("SELECT total_changes()", store)
    }

    private static func value(_ sql: String, _ store: SQLiteStore) async throws -> Int64 {
        try await store.writer.perform(.reads) { core throws(StoreError) in
            let row = try core.cold(sql)
            defer { row.reset() }
            return try row.step() ? row.int(0) : 0
        }
    }
}
