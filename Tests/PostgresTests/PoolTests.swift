import Postgres
import PostgresTestServer
import Synchronization
import Testing

@Suite(
    "Pools of connections",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct PoolTests {
    static let pid = PreparedStatement("pid", "SELECT pg_backend_pid()")
    static let sleep = PreparedStatement("nap", "SELECT pg_sleep(0.3)")

    struct Stop: Error {}

    static func id(_ pool: ConnectionPool) async throws -> Int64 {
        try await pool.run { connection in try connection.query(Self.pid)[0].int(0) }
    }

    @Test func `one connection runs its calls in their order`() async throws {
        let pool = ConnectionPool(try TestConnection().configuration, count: 1, maxWaiting: 100, name: "pg-test")
        #expect(try await Self.id(pool) == Self.id(pool))
        await pool.close()
        let error = await #expect(throws: PostgresError.self) { try await Self.id(pool) }
        #expect(error?.kind == .closed)
    }

    @Test func `several connections work at once, and a full queue refuses`() async throws {
        let pool = ConnectionPool(try TestConnection().configuration, count: 2, maxWaiting: 2, name: "pg-test")
        let kinds = await withTaskGroup(of: PostgresError.Kind?.self) { group in
            for _ in 0..<40 {
                group.addTask {
                    do {
                        try await pool.run { connection in _ = try connection.query(Self.sleep) }
                        return nil
                    } catch { return (error as? PostgresError)?.kind }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Two run and two wait; those that came while the first ones were being taken count as well.
        #expect((2...8).contains(kinds.count { $0 == nil }))
        #expect(kinds.allSatisfy { $0 == nil || $0 == .overloaded })
        await pool.close()
    }

    @Test func `a transaction that a call leaves open is not inherited`() async throws {
        let pool = ConnectionPool(try TestConnection().configuration, count: 1, maxWaiting: 10, name: "pg-test")
        let first = try await pool.run { connection in
            try connection.run(script: "BEGIN")
            return connection.backendProcessID
        }
        #expect(try await Self.id(pool) != Int64(first))
        await #expect(throws: Stop.self) { try await pool.run { _ in throw Stop() } }
        #expect(try await Self.id(pool) > 0)
        await pool.close()
    }

    @Test func `connections come back after the server was restarted`() async throws {
        let server = try PostgresTestServer()
        let pool = ConnectionPool(server.configuration("postgres"), count: 1, maxWaiting: 10, name: "pg-test")
        let before = try await Self.id(pool)
        server.stop()
        let error = await #expect(throws: PostgresError.self) { try await Self.id(pool) }
        #expect(error?.isConnectionLost == true)
        try server.start()
        #expect(try await Self.id(pool) != before)
        await pool.close()
        server.stop()
    }
}
