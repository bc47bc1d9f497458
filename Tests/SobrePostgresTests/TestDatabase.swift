import Postgres
import PostgresTestServer
import SobreModel
import SobrePostgres
import SobreStore
import Synchronization

/// A database with the tables of Sobre, on the shared server.
struct TestDatabase {
    static let start = Instant(milliseconds: 1_700_000_000_000)
    private static let template = Mutex<String?>(nil)

    let server: PostgresTestServer
    let configuration: PostgresStoreConfiguration
    let time = VirtualTime(TestDatabase.start)

    /// - Parameter isEmpty: whether the tables are missing.
    /// - Throws: an error of the server.
    init(isEmpty: Bool = false) throws {
        let server = try PostgresTestServer.shared()
        self.server = server
        let name = try isEmpty ? server.makeDatabase() : server.makeDatabase(from: Self.template(server))
        // The server of the tests has no standby.
        configuration = PostgresStoreConfiguration(url: server.url(name), durability: .local)
    }

    private static func template(_ server: PostgresTestServer) throws -> String {
        try template.withLock { template in
            if let template { return template }
            let name = try server.makeDatabase()
            try PostgresStore.migrate(PostgresStoreConfiguration(url: server.url(name)))
            template = name
            return name
        }
    }

    func open() throws -> PostgresStore { try PostgresStore.open(configuration, time: time) }

    /// A connection that sees the tables.
    func connection() throws -> PostgresConnection {
        try PostgresConnection(
            PostgresConfiguration(
                url: configuration.url, applicationName: "tests", settings: ["search_path": "sobre"]))
    }

    /// Whether a session of this database begins to wait for a lock within two seconds.
    func hasWaitingLock() async throws -> Bool {
        let count =
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        for _ in 0..<200 {
            if try numbers(count) != [0] { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// The numbers in the first column.
    func numbers(_ sql: String) throws -> [Int64] {
        try connection().query(PreparedStatement("numbers", sql)).map { row throws(PostgresError) in try row.int(0) }
    }
}

extension SubmissionResult {
    var accepted: MessageID? { if case .accepted(let id) = self { id } else { nil } }
}
