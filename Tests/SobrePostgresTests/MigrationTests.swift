import Postgres
import PostgresTestServer
import SobrePostgres
import SobreStore
import Testing

@Suite(
    "The tables in PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct MigrationTests {
    @Test func `migrating again changes nothing, and several at once wait for each other`() async throws {
        let database = try TestDatabase(isEmpty: true)
        let configuration = database.configuration
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try PostgresStore.migrate(configuration) } }
            try await group.waitForAll()
        }
        try PostgresStore.migrate(configuration)
        #expect(try database.numbers("SELECT version FROM migration ORDER BY version") == [1, 2, 3, 4, 5])
        #expect(try database.numbers("SELECT count(*) FROM bucket") == [512])
        let store = try database.open()
        await store.close()
    }

    @Test func `a database without tables, with older or newer ones is not opened`() throws {
        let empty = try TestDatabase(isEmpty: true)
        #expect(throws: StoreError(.incompatible, "The database has no tables of Sobre. Create them first.")) {
            try empty.open()
        }
        let older = try TestDatabase()
        try older.connection().run(script: "DELETE FROM migration WHERE version > 1")
        #expect(
            throws: StoreError(
                .incompatible, "The database has layout 1, and this program needs layout 5. Migrate it first.")
        ) { try older.open() }
        let newer = try TestDatabase()
        try newer.connection().run(script: "INSERT INTO migration VALUES (99, 'later')")
        let refusal = StoreError(
            .incompatible, "The database has layout 99, and this program knows layouts up to 5. Use a newer Sobre.")
        #expect(throws: refusal) { try newer.open() }
        #expect(throws: refusal) { try PostgresStore.migrate(newer.configuration) }
    }

    @Test func `a failed migration changes nothing`() throws {
        let database = try TestDatabase(isEmpty: true)
        // A table of the second migration is in the way.
        try database.connection().run(script: "CREATE SCHEMA sobre; CREATE TABLE sobre.api_key (id int8)")
        let error = #expect(throws: StoreError.self) { try PostgresStore.migrate(database.configuration) }
        #expect(error?.underlying?.contains("api_key") == true)
        #expect(try database.numbers("SELECT count(*) FROM pg_tables WHERE schemaname = 'sobre'") == [1])
    }

    @Test func `a server that is not there is an I/O error`() throws {
        let configuration = PostgresStoreConfiguration(url: "postgresql://sobre:secret@127.0.0.1:1/d")
        let error = #expect(throws: StoreError.self) { try PostgresStore.open(configuration) }
        #expect(error?.code == .io)
        #expect(error?.description.contains("secret") == false)
    }
}
