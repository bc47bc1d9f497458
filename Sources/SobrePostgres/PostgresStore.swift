import Postgres
public import SobreModel
import SobreSettings
public import SobreStore
import Synchronization

/// A store in a PostgreSQL database, which several nodes can share.
///
/// So far it accepts messages, keeps recipients, the audit trail, policies and API keys, and has the queue of the buckets
/// that it holds for its node. The log, receipts and states cannot be read yet.
public final class PostgresStore: Sendable {
    let pool: ConnectionPool
    let clock: StoreClock
    let configuration: PostgresStoreConfiguration
    let ids = Mutex(BucketIDGenerator())
    let membership: Membership
    /// What this node has changed since a decision may have been prepared.
    public let changes: RecentChanges
    /// The pauses that this node has ordered or seen.
    public let pausesInForce = PausesInForce()
    /// The number of the change of pauses that ``pausesInForce`` reflects.
    let newestPauses = Mutex<Int64>(0)

    let claims = HeldClaims()
    let work = PollingSignal()
    /// The newest time that was read of the store's clock. The clock may be later by now, not earlier.
    private let newestTime = Mutex(Instant.distantPast)
    /// Where the next claim begins among the node's buckets.
    let nextTurn = Mutex(0)

    /// The node's current incarnation in the store.
    public var incarnation: NodeIncarnation { membership.incarnation }

    private init(
        pool: ConnectionPool, clock: StoreClock, configuration: PostgresStoreConfiguration, membership: Membership
    ) {
        self.membership = membership
        self.pool = pool
        self.clock = clock
        self.configuration = configuration
        changes = RecentChanges(capacity: configuration.limits.recentChanges)
    }

    /// Connects to a database whose tables are those of this program, proves that it keeps what Sobre promises, and takes
    /// the buckets that no other node holds.
    ///
    /// - Parameters:
    ///   - configuration: how to connect.
    ///   - time: the store's clock; nil for that of the database's server.
    /// - Returns: the store, which stays open until `close`.
    /// - Throws: `io` when the database cannot be reached, `incompatible` when its tables are missing, older
    ///   or newer, or when its locks or its durability do not suffice.
    public static func open(
        _ configuration: PostgresStoreConfiguration, time: (any TimeSource)? = nil
    ) throws(StoreError) -> PostgresStore {
        let clock = time.map { StoreClock.source($0) } ?? .server
        var pauses: [SendingPause] = []
        try withConnection(configuration) { connection in
            try PostgresSchema.check(connection)
            pauses = try connection.query(PauseRow.all).map { try PauseRow.read($0).pause }
        }
        let membership: Membership
        do {
            try EngineProof(configuration: configuration).run()
            membership = try Membership(configuration, clock: clock)
        } catch {
            throw .from(error)
        }
        membership.start()
        let pool = ConnectionPool(
            configuration.connection, count: configuration.connections, maxWaiting: configuration.maxWaiting,
            name: "store-pg")
        let store = PostgresStore(pool: pool, clock: clock, configuration: configuration, membership: membership)
        if !pauses.isEmpty { store.pausesInForce.replace(with: pauses) }
        return store
    }

    /// Creates the tables in a database, or adds what an earlier program's lack. Does nothing when all are there.
    ///
    /// - Parameter configuration: how to connect, as a user who may create a schema.
    /// - Throws: `StoreError`; nothing was changed then.
    public static func migrate(_ configuration: PostgresStoreConfiguration) throws(StoreError) {
        try withConnection(configuration) { connection in try PostgresSchema.migrate(connection) }
    }

    private static func withConnection(
        _ configuration: PostgresStoreConfiguration, _ body: (PostgresConnection) throws -> Void
    ) throws(StoreError) {
        do {
            let connection = try PostgresConnection(configuration.connection)
            defer { connection.close() }
            try body(connection)
        } catch {
            throw .from(error)
        }
    }

    /// The store's time of a moment ago.
    var lastTime: Instant { newestTime.withLock { $0 } }

    func note(_ now: Instant) { newestTime.withLock { $0 = now } }

    // MARK: Calls

    /// Reads, each statement by itself.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.run(body)
        } catch {
            throw .from(error)
        }
    }

    /// Runs a transaction, again when it lost a race. One whose fate is unknown is an error.
    ///
    /// - Parameter body: may be called several times. Gets the time, read within the transaction.
    /// - Returns: what the last call of `body` returned, which is written.
    /// - Throws: `StoreError`; nothing was written then, unless the code is `io`.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection, Instant) throws -> Value
    ) async throws(StoreError) -> Value {
        let clock = clock
        return try await transact { connection in try body(connection, try clock.now(connection)) }
    }

    /// Like ``write(_:)``, for a transaction that reads the time after it has taken locks.
    func transact<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection) throws -> Value
    ) async throws(StoreError) -> Value {
        let maxTries = configuration.maxTries
        do {
            return try await pool.run { connection in
                for attempt in 1... {
                    switch connection.transaction({ try body(connection) }) {
                    case .committed(let value): return value
                    case .rolledBack(let error):
                        guard error.isLostRace && attempt < maxTries else { throw error }
                    case .unknown(let error): throw StoreError.unknownCommit(error)
                    }
                }
                throw StoreError(.internal, "A transaction has no outcome; this is a fault in Sobre, please report it.")
            }
        } catch {
            throw .from(error)
        }
    }
}

extension PostgresStoreConfiguration {
    var connection: PostgresConfiguration {
        PostgresConfiguration(url: url, applicationName: "sobre", settings: ["search_path": "sobre"])
    }
}
