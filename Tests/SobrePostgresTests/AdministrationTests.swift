import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreStore
import Testing

@Suite(
    "Policies and keys in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct AdministrationTests {
    @Test func `the same policy keeps its version, another gets the next`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        #expect(try await store.register(policy: "one") == 1)
        #expect(try await store.register(policy: "one") == 1)
        #expect(try await store.register(policy: "two") == 2)
        #expect(try await store.register(policy: "one") == 3)
        #expect(try await store.policy(version: 2) == "two")
        #expect(try await store.policy(version: 4) == nil)
        #expect(try database.numbers("SELECT count(*) FROM audit WHERE author = 'policy file'") == [3])
        await store.close()
    }

    @Test func `policies of many tasks on two nodes get versions without gaps`() async throws {
        let database = try TestDatabase()
        let nodes = [try database.open(), try database.open()]
        let versions = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<20 { group.addTask { try await nodes[task % 2].register(policy: "policy \(task)") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(versions.sorted() == Array(1...20))
        for node in nodes { await node.close() }
    }

    @Test func `keys are listed with everything, and a revoked one is gone`() async throws {
        let database = try TestDatabase()
        let store = try database.open()
        let key = APIKeyRecord(
            id: "k1", label: "shop", hash: [1, 2, 3], scopes: ["enqueue", "read"], createdAt: TestDatabase.start,
            expiresAt: TestDatabase.start + .seconds(60))
        let other = APIKeyRecord(id: "k2", label: "", hash: [4], scopes: [], createdAt: TestDatabase.start)
        try await Author.$current.withValue(Author(name: "command:eve", note: "new shop")) {
            try await store.add(key: key)
        }
        try await store.add(key: other)
        #expect(try await store.keys() == [key, other])
        #expect(try await store.revoke(key: "k1"))
        #expect(try await store.revoke(key: "k1") == false)
        #expect(try await store.keys() == [other])
        // Without an author there is no entry.
        let audit = try database.connection().query(
            PreparedStatement("audit", "SELECT author, note, action, subject, detail FROM audit"))
        #expect(audit.count == 1)
        #expect(
            try (0..<5).map { try audit[0].text($0) } == [
                "command:eve", "new shop", AuditAction.keyCreated.rawValue, "key k1", "enqueue, read",
            ])
        await store.close()
    }

    @Test func `a database that takes no writes is not writable`() async throws {
        let database = try TestDatabase()
        var readOnly = database.configuration
        let store = try database.open()
        try await store.checkWritable()
        try await store.checkWritable()
        await store.close()
        readOnly.url += "?options=-c%20default_transaction_read_only%3Don"
        let refused = #expect(throws: StoreError.self) { try PostgresStore.open(readOnly) }
        #expect(refused?.code == .io)
        #expect(refused?.message.contains("standby") == true)
        // The sessions that the store opens from now on take no writes.
        let later = try database.open()
        try database.connection().run(
            script: "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', "
                + "current_database()); END $$")
        let error = await #expect(throws: StoreError.self) { try await later.checkWritable() }
        #expect(error?.code == .io)
        await later.close()
    }

    @Test func `without a clock of its own the store stamps by the server's`() async throws {
        let database = try TestDatabase()
        let store = try PostgresStore.open(database.configuration)
        let id = try #require(try await store.enqueue([AcceptanceTests.submission()])[0].accepted)
        let acceptedAt = try #require(try await store.message(id)?.acceptedAt)
        let age = SystemTime().now() - acceptedAt
        #expect(age >= .zero && age < .seconds(60))
        #expect(id.createdAt == acceptedAt)
        await store.close()
    }
}
