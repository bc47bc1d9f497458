import Postgres
import PostgresTestServer
import Testing

@Suite(
    "Transactions of PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct TransactionTests {
    static let insert = PreparedStatement("insert", "INSERT INTO t VALUES ($1)")
    static let all = PreparedStatement("all", "SELECT id FROM t ORDER BY id")
    static let table = """
        CREATE TABLE t (id int8 PRIMARY KEY);
        CREATE TABLE child (parent int8 REFERENCES t DEFERRABLE INITIALLY DEFERRED);
        """

    struct Stop: Error {}

    static func ids(_ connection: PostgresConnection) throws -> [Int64] {
        try connection.query(all).map { row throws(PostgresError) in try row.int(0) }
    }

    @Test func `what the body sends and does not read is committed`() throws {
        let connection = try TestConnection().connection
        try connection.run(script: Self.table)
        let outcome = connection.transaction {
            try connection.send(Self.insert, 1)
            try connection.send(Self.insert, 2)
            return "done"
        }
        #expect(outcome.committedValue == "done")
        #expect(try Self.ids(connection) == [1, 2])
    }

    @Test func `what the body throws rolls the transaction back`() throws {
        let connection = try TestConnection().connection
        try connection.run(script: Self.table)
        let outcome = connection.transaction {
            try connection.query(Self.insert, 1)
            try connection.send(Self.insert, 2)
            throw Stop()
        }
        guard case .rolledBack(let error) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(error is Stop)
        #expect(connection.isIdle)
        #expect(try Self.ids(connection) == [])
    }

    @Test(arguments: [Duration.zero, .seconds(30)])
    func `a statement that fails beside COMMIT rolls back`(timeout: Duration) throws {
        let connection = try TestConnection { $0.statementTimeout = timeout }.connection
        try connection.run(script: Self.table)
        let outcome = connection.transaction {
            try connection.send(Self.insert, 1)
            try connection.send(Self.insert, 1)
        }
        #expect(outcome.rollbackError?.sqlState == .uniqueViolation)
        #expect(connection.isIdle)
        #expect(try Self.ids(connection) == [])
    }

    @Test func `an error of COMMIT itself rolls back`() throws {
        let connection = try TestConnection().connection
        try connection.run(script: Self.table)
        let child = PreparedStatement("child", "INSERT INTO child VALUES ($1)")
        let outcome = connection.transaction { try connection.send(child, 5) }
        #expect(outcome.rollbackError?.sqlState?.rawValue == "23503")
        #expect(connection.isIdle)
    }

    @Test func `a body that hides an error is told that nothing was written`() throws {
        let connection = try TestConnection().connection
        try connection.run(script: Self.table)
        let outcome = connection.transaction {
            try connection.query(Self.insert, 1)
            _ = try? connection.query(Self.insert, 1)
        }
        #expect(outcome.rollbackError != nil)
        #expect(try Self.ids(connection) == [])
    }

    /// A deferred trigger warns while COMMIT runs, as a cancelled wait for a standby does.
    @Test func `a warning between COMMIT and its result leaves the outcome unknown`() throws {
        let test = try TestConnection()
        try test.connection.run(
            script: Self.table + """
                CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'late'; RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                EXECUTE FUNCTION warn();
                """)
        let outcome = test.connection.transaction { try test.connection.send(Self.insert, 1) }
        #expect(outcome.unknownError?.message == "The server answered COMMIT with a warning: late.")
        #expect(!test.connection.isOpen)
        #expect(try Self.ids(try test.another()) == [1])
    }

    @Test func `a warning before COMMIT does not matter`() throws {
        let connection = try TestConnection().connection
        try connection.run(script: Self.table)
        let outcome = connection.transaction {
            try connection.run(script: "DO $$ BEGIN RAISE WARNING 'early'; END $$")
            try connection.send(Self.insert, 1)
        }
        #expect(outcome.committedValue != nil)
    }

    /// A deferred trigger ends its own session, so that the answer to COMMIT never comes.
    @Test func `a connection that is lost during COMMIT leaves the outcome unknown`() throws {
        let test = try TestConnection()
        try test.connection.run(
            script: Self.table + """
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                EXECUTE FUNCTION die();
                """)
        let outcome = test.connection.transaction { try test.connection.send(Self.insert, 1) }
        #expect(outcome.unknownError?.isConnectionLost == true)
        #expect(!test.connection.isOpen)
    }

    @Test func `a session that is ended before COMMIT rolls back`() throws {
        let test = try TestConnection()
        try test.connection.run(script: Self.table)
        let other = try test.another()
        let end = PreparedStatement("end", "SELECT pg_terminate_backend($1::int8::int4, 5000)")
        let outcome = test.connection.transaction {
            try test.connection.query(Self.insert, 1)
            #expect(try other.query(end, test.connection.backendProcessID)[0].bool(0))
            try test.connection.query(Self.insert, 2)
        }
        #expect(outcome.rollbackError?.isConnectionLost == true)
        #expect(!test.connection.isOpen)
        #expect(try Self.ids(other) == [])
    }

    @Test func `COMMIT has no statement timeout, other statements have`() throws {
        let test = try TestConnection { $0.statementTimeout = .milliseconds(200) }
        let connection = test.connection
        try connection.run(
            script: Self.table + """
                CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM pg_sleep(0.6); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                EXECUTE FUNCTION wait();
                """)
        #expect(connection.transaction { try connection.send(Self.insert, 1) }.committedValue != nil)
        let sleep = PreparedStatement("sleep", "SELECT pg_sleep(5)")
        let error = #expect(throws: PostgresError.self) { try connection.query(sleep) }
        #expect(error?.sqlState == .queryCanceled)
    }

    @Test func `a lost race is retryable`() throws {
        let test = try TestConnection { $0.lockTimeout = .milliseconds(50) }
        try test.connection.run(script: Self.table)
        let other = try test.another()
        let lock = PreparedStatement("lock", "SELECT id FROM t WHERE id = $1 FOR UPDATE")
        try test.connection.query(Self.insert, 1)
        let outcome = test.connection.transaction {
            try test.connection.query(lock, 1)
            #expect(other.transaction { try other.query(lock, 1) }.rollbackError?.isRetryable == true)
        }
        #expect(outcome.committedValue != nil)
    }

    @Test func `a snapshot sees one state`() throws {
        let test = try TestConnection()
        try test.connection.run(script: Self.table)
        let other = try test.another()
        try test.connection.snapshot {
            #expect(try Self.ids(test.connection) == [])
            try other.query(Self.insert, 1)
            #expect(try Self.ids(test.connection) == [])
        }
        #expect(try Self.ids(test.connection) == [1])
    }
}
