import Postgres
import PostgresTestServer
import Testing

@Suite(
    "Pipelines of PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct PipelineTests {
    static let number = PreparedStatement("number", "SELECT $1::int8")
    static let divide = PreparedStatement("divide", "SELECT 1 / $1::int8")

    @Test func `many statements go out before one sync, and results come in their order`() throws {
        let connection = try TestConnection().connection
        for number in 0..<1000 { try connection.send(Self.number, number) }
        let results = try connection.sync()
        #expect(
            try results.map { result throws(PostgresError) in try result[0].int(0) }
                == Array(0..<1000).map { Int64($0) })
    }

    @Test func `large statements and large answers at once do not block each other`() throws {
        let connection = try TestConnection().connection
        let echo = PreparedStatement("large", "SELECT $1::bytea")
        let large = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<20 { try connection.send(echo, large) }
        #expect(try connection.sync().allSatisfy { result throws(PostgresError) in try result[0].bytes(0) == large })
    }

    @Test func `an error ends the pipeline, and the connection goes on`() throws {
        let connection = try TestConnection().connection
        try connection.send(Self.number, 1)
        try connection.send(Self.divide, 0)
        try connection.send(PreparedStatement("after", "SELECT 3"))
        let error = #expect(throws: PostgresError.self) { try connection.sync() }
        #expect(error?.sqlState?.rawValue == "22012")
        #expect(error?.message == "division by zero")
        #expect(connection.isIdle)
        // A statement that was skipped is prepared again.
        #expect(try connection.query(PreparedStatement("after", "SELECT 3"))[0].int(0) == 3)
        #expect(try connection.query(Self.divide, 1)[0].int(0) == 1)
    }

    @Test func `a statement is prepared once a connection`() throws {
        let connection = try TestConnection().connection
        for _ in 0..<3 { try connection.query(Self.number, 1) }
        let count = PreparedStatement("count", "SELECT count(*) FROM pg_prepared_statements WHERE name = $1")
        #expect(try connection.query(count, "number")[0].int(0) == 1)
        let error = #expect(throws: PostgresError.self) { try connection.query(Self.number, "one") }
        #expect(error?.kind == .usage)
    }

    @Test func `an error says which constraint, what and how`() throws {
        let connection = try TestConnection().connection
        try connection.run(script: "CREATE TABLE t (id int8 CONSTRAINT t_id PRIMARY KEY); INSERT INTO t VALUES (1)")
        let insert = PreparedStatement("insert", "INSERT INTO t VALUES ($1)")
        #expect(try connection.query(insert, 2).affectedRows == 1)
        let error = #expect(throws: PostgresError.self) { try connection.query(insert, 1) }
        #expect(error?.sqlState == .uniqueViolation)
        #expect(error?.isConstraintViolation == true)
        #expect(error?.constraint == "t_id")
        #expect(error?.detail == "Key (id)=(1) already exists.")
        #expect(error?.isRetryable == false)
    }

    @Test func `a script stops at its first error and writes nothing`() throws {
        let connection = try TestConnection().connection
        let error = #expect(throws: PostgresError.self) {
            try connection.run(script: "CREATE TABLE t (id int8); SELECT 1/0; CREATE TABLE u (id int8)")
        }
        #expect(error?.sqlState?.rawValue == "22012")
        let table = PreparedStatement("table", "SELECT to_regclass($1)::text")
        #expect(try connection.query(table, "t")[0].isNull(0))
    }

    @Test func `notices are kept, with a bound`() throws {
        let connection = try TestConnection { $0.maxNotices = 2 }.connection
        try connection.run(script: "DO $$ BEGIN RAISE WARNING 'one'; RAISE NOTICE 'two'; RAISE NOTICE 'three'; END $$")
        let notices = connection.takeNotices()
        #expect(notices.map(\.message) == ["one", "two"])
        #expect(notices.map(\.isWarning) == [true, false])
        #expect(connection.takeNotices().isEmpty)
    }
}
