import Postgres
import PostgresTestServer
import Synchronization
import Testing
import Threads

#if canImport(Glibc)
    import Glibc
#endif

@Suite(
    "Connections to PostgreSQL",
    .enabled(if: PostgresTestServer.isInstalled, Comment(rawValue: PostgresTestServer.skipReason)))
struct ConnectionTests {
    static let pid = PreparedStatement("pid", "SELECT pg_backend_pid()")

    @Test func `of several hosts the first that answers is taken`() throws {
        let test = try TestConnection()
        // Nothing listens on port 1.
        let database = test.configuration.url.split(separator: "/").last ?? ""
        var configuration = test.configuration
        configuration.url =
            "postgresql://sobre@127.0.0.1:1,127.0.0.1:\(test.server.port)/\(database)?target_session_attrs=read-write"
        let connection = try PostgresConnection(configuration)
        #expect(connection.serverVersion >= 150_000)
        #expect(connection.host == "127.0.0.1")
        // A server that accepts writes is no standby.
        configuration.url += "&connect_timeout=2"
        configuration.url = configuration.url.replacing("read-write", with: "standby")
        let error = #expect(throws: PostgresError.self) { try PostgresConnection(configuration) }
        #expect(error?.isConnectionLost == true)
    }

    @Test func `a Unix socket and a connection string without URL work too`() throws {
        let test = try TestConnection()
        var configuration = test.configuration
        configuration.url = "host=\(test.server.socketFolder) port=\(test.server.port) user=sobre dbname=postgres"
        #expect(try PostgresConnection(configuration).query(Self.pid)[0].int(0) > 0)
    }

    @Test(arguments: [
        "postgres//user:secret@h/d", "postgresql://user:secret@h:x/d", "postgresql://u:secret@h/d?sslmod=on",
    ])
    func `an error about the URL does not show the password`(url: String) throws {
        let error = #expect(throws: PostgresError.self) {
            try PostgresConnection(PostgresConfiguration(url: url, applicationName: "tests"))
        }
        #expect(error?.description.contains("secret") == false)
        #expect("\(PostgresConfiguration(url: url, applicationName: "t"))".contains("secret") == false)
    }

    @Test func `a server that is not there is a lost connection`() throws {
        let error = #expect(throws: PostgresError.self) {
            try PostgresConnection(PostgresConfiguration(url: "postgresql://sobre@127.0.0.1:1/d", applicationName: "t"))
        }
        #expect(error?.kind == .connectionLost)
        #expect(error?.detail?.contains("Connection refused") == true)
    }

    @Test func `the session is set as configured`() throws {
        let connection = try TestConnection {
            $0.statementTimeout = .seconds(7)
            $0.lockTimeout = .milliseconds(1500)
            $0.idleInTransactionTimeout = .seconds(3)
            $0.settings = ["synchronous_commit": "local"]
        }.connection
        let show = PreparedStatement("show", "SELECT current_setting($1)")
        for (name, value) in [
            ("statement_timeout", "7s"), ("lock_timeout", "1500ms"), ("idle_in_transaction_session_timeout", "3s"),
            ("synchronous_commit", "local"), ("application_name", "tests"), ("client_encoding", "UTF8"),
        ] { #expect(try connection.query(show, name)[0].text(0) == value) }
    }

    @Test func `another thread cancels a statement`() throws {
        let connection = try TestConnection().connection
        let canceller = try #require(connection.canceller)
        let isDone = Mutex(false)
        DedicatedThread.start(name: "cancels") {
            while !isDone.withLock({ $0 }) {
                canceller.cancel()
                usleep(20_000)
            }
        }
        let error = #expect(throws: PostgresError.self) {
            try connection.query(PreparedStatement("sleep", "SELECT pg_sleep(30)"))
        }
        isDone.withLock { $0 = true }
        #expect(error?.sqlState == .queryCanceled)
        #expect(connection.isIdle)
    }

    @Test func `a server that stops answering is a timeout`() throws {
        let test = try TestConnection {
            $0.statementTimeout = .milliseconds(100)
            $0.answerGrace = .milliseconds(100)
        }
        // The server's own limit is lifted, so that only the client's remains.
        let sleep = PreparedStatement("sleep", "SELECT set_config('statement_timeout', '0', false), pg_sleep(10)")
        try test.connection.run(script: "SET statement_timeout = 0")
        let error = #expect(throws: PostgresError.self) { try test.connection.query(sleep) }
        #expect(error?.kind == .timeout)
        #expect(!test.connection.isOpen)
    }

    @Test func `notifications arrive, also while the connection waits`() throws {
        let test = try TestConnection()
        let other = try test.another()
        try test.connection.listen(to: "a \"channel\"")
        let interrupt = Interrupt()
        try other.run(script: #"NOTIFY "a ""channel""", 'one'"#)
        let soon = MonotonicTime.now().advanced(byMilliseconds: 10_000)
        let first = try test.connection.waitForNotifications(until: soon, unless: interrupt)
        #expect(
            first == [PostgresNotification(channel: "a \"channel\"", payload: "one", sender: other.backendProcessID)])
        let now = MonotonicTime.now()
        #expect(try test.connection.waitForNotifications(until: now, unless: interrupt) == [])
        interrupt.set()
        #expect(try test.connection.waitForNotifications(until: nil, unless: interrupt) == [])
    }

    @Test func `a listener reports notifications, and listens again after a loss`() async throws {
        let test = try TestConnection { $0.applicationName = "listener" }
        let (events, continuation) = AsyncStream.makeStream(of: NotificationListener.Event.self)
        let listener = NotificationListener(test.configuration, channels: ["work"], pause: .milliseconds(10)) {
            continuation.yield($0)
        }
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == .listening)
        try test.connection.run(script: "NOTIFY work, 'x'")
        guard case .notification(let notification) = await iterator.next() else {
            Issue.record("no notification")
            return
        }
        #expect(notification.payload == "x")
        try test.connection.run(
            script: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                + "WHERE query LIKE 'LISTEN%' AND datname = current_database()")
        guard case .lost = await iterator.next() else {
            Issue.record("no loss")
            return
        }
        #expect(await iterator.next() == .listening)
        await listener.close()
    }
}
