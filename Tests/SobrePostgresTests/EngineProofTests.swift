import Postgres
import PostgresTestServer
import SobreStore
import Testing

@testable import SobrePostgres

@Suite(
    "The proof of the database",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct EngineProofTests {
    @Test func `a server without a synchronous standby is refused, unless that is allowed in words`() throws {
        let database = try TestDatabase()
        var configuration = database.configuration
        try EngineProof(configuration: configuration).run()
        configuration.durability = .standby
        let error = #expect(throws: StoreError.self) { try EngineProof(configuration: configuration).run() }
        #expect(error?.code == .incompatible)
        #expect(error?.message.contains("durability: local") == true)
        #expect(throws: StoreError.self) { try PostgresStore.open(configuration) }
    }

    @Test(arguments: ["off", "local", "remote_write"])
    func `a commit that does not wait for the standby is refused`(commit: String) throws {
        let server = try PostgresTestServer()
        let name = try server.makeDatabase()
        let administrator = try PostgresConnection(server.configuration(name))
        var configuration = PostgresStoreConfiguration(url: server.url(name), durability: .standby)
        try PostgresStore.migrate(configuration)
        // Nobody is connected under this name: with synchronous_commit=on each commit would wait.
        try administrator.run(script: "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try administrator.run(script: "SELECT pg_reload_conf()")
        administrator.close()
        configuration.url += "?options=-c%20synchronous_commit%3D\(commit)"
        let error = #expect(throws: StoreError.self) {
            for _ in 0..<200 {
                do {
                    try EngineProof(configuration: configuration).run()
                } catch let error as StoreError where error.message.contains("no synchronous standby") {
                    continue  // The server has not read its settings yet.
                }
                return
            }
        }
        #expect(error?.message.contains("synchronous_commit is \(commit)") == true)
        server.stop()
    }

    @Test(arguments: ["fsync", "full_page_writes"])
    func `a server that is not durable is refused`(setting: String) throws {
        let server = try PostgresTestServer()
        let name = try server.makeDatabase()
        let configuration = PostgresStoreConfiguration(url: server.url(name), durability: .local)
        try PostgresStore.migrate(configuration)
        try EngineProof(configuration: configuration).run()
        let administrator = try PostgresConnection(server.configuration(name))
        try administrator.run(script: "ALTER SYSTEM SET \(setting) = off")
        administrator.close()
        server.stop()
        try server.start()
        let error = #expect(throws: StoreError.self) { try EngineProof(configuration: configuration).run() }
        #expect(error?.message.contains("\(setting) is off") == true)
        server.stop()
    }

    @Test func `several nodes prove the database at once`() async throws {
        let configuration = try TestDatabase().configuration
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try EngineProof(configuration: configuration).run() } }
            try await group.waitForAll()
        }
    }
}
