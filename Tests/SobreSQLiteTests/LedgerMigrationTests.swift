import GRDB
import SobreModel
import SobreStore
import SobreStoreConformance
import Synchronization
import Testing

@testable import SobreSQLite
import SobreSettings

@Suite("A store whose ledger was keys only is converted")
struct LedgerMigrationTests {
    private static let people = (0..<40).map { "p\($0)" }

    @Test("Everybody's ledger is what it was, and the store says that it is being converted")
    func converted() async throws {
        try await withTemporaryDirectory { directory in
            let (story, expected) = try await Self.story(directory)
            let tables = [try await story.rows("person_contact"), try await story.rows("address_person")]
            await story.store.close()
            try await withTemporaryDirectory { former in
                try Self.makeFormer(former, from: directory)
                let told = Mutex<[String]>([])
                var configuration = SQLiteConfiguration()
                configuration.onUpgrade = { upgrade in
                    let word =
                        switch upgrade {
                        case .begins(let bytes): bytes > 4096 ? "begins" : "an empty file"
                        case .ended: "ended"
                        }
                    told.withLock { $0.append(word) }
                }
                var again = LedgerStory(
                    store: try SQLiteStore.open(directory: former, time: story.time, configuration: configuration),
                    time: story.time)
                #expect(told.withLock { $0 } == ["begins", "ended"])
                for (person, entries) in zip(Self.people, expected) {
                    #expect(try await again.ledger(person) == entries, "\(person)")
                }
                #expect([try await again.rows("person_contact"), try await again.rows("address_person")] == tables)
                #expect(try await again.rows("contact").isEmpty)
                let version = try await again.store.writer.perform(.reads) { core throws(StoreError) in
                    let row = try core.cold("PRAGMA user_version")
                    defer { row.reset() }
                    return try row.step() ? row.int(0) : nil
                }
                #expect(version == Int64(Schema.version))
                // The converted store accepts new contacts.
                let ids = try await again.send(to: Self.people)
                again = try await again.reopened(former)
                #expect(try await again.ledger("p3").last?.id == ids[3])
                await again.store.close()
                _ = try await LedgerStory.open(former, story.time).store.close()
                #expect(told.withLock { $0.count } == 2)
            }
        }
    }

    @Test("A disk that is full meanwhile leaves the store as it was, and it is converted when there is room")
    func full() async throws {
        try await withTemporaryDirectory { directory in
            let (story, expected) = try await Self.story(directory)
            await story.store.close()
            try await withTemporaryDirectory { former in
                try Self.makeFormer(former, from: directory)
                let path = "\(former)/\(DataDirectory.fileName)"
                func state() throws -> (version: Int?, contacts: Int?, pages: Int?) {
                    let file = try DatabaseQueue(path: path)
                    return try file.inDatabase { db in
                        #expect(try !db.tableExists("person_contact"))
                        return (
                            try Int.fetchOne(db, sql: "PRAGMA user_version"),
                            try Int.fetchOne(db, sql: "SELECT count(*) FROM contact"),
                            try Int.fetchOne(db, sql: "PRAGMA page_count")
                        )
                    }
                }
                let before = try state()
                for room in [1, 2, 5] {
                    var configuration = SQLiteConfiguration()
                    configuration.limits.maxBytes = (try #require(before.pages) + room) * 4096
                    do throws(StoreError) {
                        _ = try SQLiteStore.open(directory: former, time: story.time, configuration: configuration)
                        Issue.record("\(room) pages were enough")
                    } catch {
                        #expect(error.code == .full)
                    }
                    #expect(try state() == before)
                }
                let again = try LedgerStory.open(former, story.time)
                for (person, entries) in zip(Self.people, expected) {
                    #expect(try await again.ledger(person) == entries, "\(person)")
                }
                await again.store.close()
            }
        }
    }

    @Test("A store is not converted where there is no room for it, and the error says how much is needed")
    func room() throws {
        #expect(StoreOpening.lackOfRoom(toConvert: 400 << 20, room: 400 << 20) == nil)
        #expect(StoreOpening.lackOfRoom(toConvert: 400 << 20, room: nil) == nil)
        let error = try #require(StoreOpening.lackOfRoom(toConvert: 400 << 20, room: 399 << 20))
        #expect(error.code == .full)
        #expect(error.message.contains("400 MB") && error.message.contains("399 MB"))
        let folder = try #require(DataDirectory.room(beside: "/"))
        #expect(folder > 0)
    }

    @Test("A new store is not converted")
    func fresh() async throws {
        try await withTemporaryDirectory { directory in
            let told = Mutex(0)
            var configuration = SQLiteConfiguration()
            configuration.onUpgrade = { _ in told.withLock { $0 += 1 } }
            await (try SQLiteStore.open(directory: directory, configuration: configuration)).close()
            #expect(told.withLock { $0 } == 0)
        }
    }

    @Test("In however many parts it is sorted, each row is copied once", arguments: [1, 2, 7, 64, 1_000_000])
    func parts(rowsAPart: Int64) async throws {
        try await withTemporaryDirectory { directory in
            let (story, _) = try await Self.story(directory)
            let tables = [try await story.rows("person_contact"), try await story.rows("address_person")]
            await story.store.close()
            try await withTemporaryDirectory { former in
                try Self.makeFormer(former, from: directory)
                let file = try DatabaseQueue(path: "\(former)/\(DataDirectory.fileName)")
                try file.inDatabase { db in
                    try Schema.ledger(db, rowsAPart: rowsAPart)
                    try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('ledger')")
                    #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"])
                }
                try file.close()
                let again = try LedgerStory.open(former, story.time)
                #expect([try await again.rows("person_contact"), try await again.rows("address_person")] == tables)
                await again.store.close()
            }
        }
    }

    /// Contacts of forty recipients, some with shared addresses, some released, some committed again, together with
    /// their ledgers.
    private static func story(_ directory: String) async throws -> (LedgerStory, [[LedgerEntry]]) {
        var story = try LedgerStory.open(directory)
        try await story.store.put(
            people.enumerated().map { index, id in
                // Two are merged later. They share no number, because contacts of before count for who holds it now.
                let number = (36...39).contains(index) ? 50 + index : 10 + index / 2
                return Profile(id: id, addresses: [Address(channel: .sms, value: "+120255500\(number)")])
            })
        var ids = try await story.send(to: people)
        ids += try await story.send(to: people + people)
        try await story.send(to: Array(people.prefix(9)), proof: .notSent)
        try await story.correct(Array(ids[3..<17]), to: .released)
        try await story.correct(Array(ids[9..<12]), to: .committed)
        story = try await story.reopened(directory)
        try await story.correct(Array(ids[30..<50]), to: .released)
        try await story.correct(Array(ids[40..<45]), to: .committed)
        _ = try await story.store.merge("p37", into: "p38").get()
        var ledgers: [[LedgerEntry]] = []
        for person in people { ledgers.append(try await story.ledger(person)) }
        try #require(ledgers.map(\.count).min() ?? 0 >= 2)
        return (story, ledgers)
    }

    /// Restores the layout of the previous version: the keys of recipients and addresses in one table, including those
    /// of released contacts. The index rows of the newest contacts are pending.
    private static func makeFormer(_ former: String, from directory: String) throws {
        let file = try DatabaseQueue(path: "\(former)/\(DataDirectory.fileName)")
        try Schema.migrator.migrate(file, upTo: "suppression_log")
        try file.inDatabase { db in
            try db.execute(sql: "ATTACH ? AS later", arguments: ["\(directory)/\(DataDirectory.fileName)"])
            let tables = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
                    AND name NOT IN ('grdb_migrations', 'contact')
                    """)
            for table in tables {
                // Columns of later versions are not copied.
                let columns = try String.fetchAll(
                    db, sql: "SELECT name FROM pragma_table_info(?, 'main')", arguments: [table]
                ).joined(separator: ", ")
                try db.execute(sql: "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM later.\(table)")
            }
            try db.execute(
                sql: """
                    INSERT INTO contact SELECT recipient, spent_at, id FROM main.attempt
                    WHERE (state = 1 OR id % 3 = 0) AND id < 100;
                    INSERT INTO contact SELECT address, spent_at, id FROM main.attempt
                    WHERE (state = 1 OR id % 3 = 0) AND id < 90;
                    UPDATE main.meta SET value = 10 WHERE name = 'contacts_filed_to';
                    UPDATE main.message SET channels = CASE hex(channels)
                        WHEN '01' THEN 1 WHEN '02' THEN 2 WHEN '03' THEN 3 END;
                    PRAGMA main.user_version = 1;
                    """)
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM main.attempt WHERE state = 2")! > 9)
            try db.execute(sql: "DETACH later")
        }
        try file.close()
    }
}
