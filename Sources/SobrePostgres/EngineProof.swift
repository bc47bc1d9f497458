import Postgres
import SobreStore
import Threads

/// Proves, before a node takes a lease, that the database keeps what the caps rest on.
///
/// Databases that speak PostgreSQL's protocol differ in what a row lock does, and settings can switch durability off.
struct EngineProof {
    private static let place = "SELECT deliveries FROM tally WHERE bucket = -1 AND state = 1"
    private static let prepare = PreparedStatement(
        "proof_prepare", "INSERT INTO tally VALUES (-1, 1, 0) ON CONFLICT DO NOTHING")
    private static let lock = PreparedStatement("proof_lock", "\(place) FOR NO KEY UPDATE")
    private static let tryLock = PreparedStatement("proof_try", "\(place) FOR NO KEY UPDATE NOWAIT")
    private static let read = PreparedStatement("proof_read", place)
    private static let change = PreparedStatement(
        "proof_change",
        "UPDATE tally SET deliveries = deliveries + 1 WHERE bucket = -1 AND state = 1 RETURNING deliveries")
    private static let waits = PreparedStatement(
        "proof_waits", "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = $1::int8::int4 AND NOT granted)")
    private static let settings = PreparedStatement(
        "proof_settings",
        """
        SELECT current_setting('transaction_isolation'), current_setting('fsync'), current_setting('full_page_writes'),
            current_setting('synchronous_commit'), current_setting('synchronous_standby_names'), pg_is_in_recovery()
        """)

    let configuration: PostgresStoreConfiguration

    /// Runs the proof with two connections. Several nodes may do so at once.
    ///
    /// - Throws: `StoreError` with code `incompatible` that says what does not hold and what to change.
    func run() throws {
        let first = try PostgresConnection(configuration.connection)
        defer { first.close() }
        let second = try PostgresConnection(configuration.connection)
        defer { second.close() }
        guard first.serverVersion >= 150_000 else {
            throw Self.refused("It is older than version 15 of PostgreSQL. Use a newer server.")
        }
        try proveSettings(first)
        try first.query(Self.prepare)
        try proveExclusion(first, second)
        try proveSight(first, second)
    }

    private func proveSettings(_ connection: PostgresConnection) throws {
        let outcome = connection.transaction {
            let row = try connection.query(Self.settings)[0]
            if try row.bool(5) {
                throw Self.refused("It is a standby. Add target_session_attrs=read-write to the URL.")
            }
            guard try row.text(0) == "read committed" else {
                throw Self.refused("It does not run transactions at READ COMMITTED.")
            }
            for (column, name) in [(1, "fsync"), (2, "full_page_writes")] where try row.text(column) != "on" {
                throw Self.refused(
                    "Its setting \(name) is off, so a power cut loses what was acknowledged. Set it to on.")
            }
            try proveDurability(commit: try row.text(3), standbys: try row.text(4))
        }
        try Self.require(outcome)
    }

    private func proveDurability(commit: String, standbys: String) throws {
        switch configuration.durability {
        case .local:
            guard commit != "off" else {
                throw Self.refused(
                    "Its setting synchronous_commit is off, so a crash loses what was acknowledged. Set it to on.")
            }
        case .standby:
            guard !standbys.isEmpty else {
                throw Self.refused(
                    "It has no synchronous standby, so its failure can lose what was acknowledged. Set "
                        + "synchronous_standby_names, or write durability: local if that is acceptable.")
            }
            guard ["on", "remote_apply"].contains(commit) else {
                throw Self.refused(
                    "Its setting synchronous_commit is \(commit), which does not wait until a standby has written. Set it "
                        + "to on.")
            }
        }
    }

    /// While one session holds the lock of a row, another one does not get it.
    private func proveExclusion(_ first: PostgresConnection, _ second: PostgresConnection) throws {
        let outcome = first.transaction {
            try first.query(Self.lock)
            let other = second.transaction { try second.query(Self.tryLock) }
            guard case .rolledBack(let error as PostgresError) = other, error.sqlState == .lockNotAvailable else {
                throw Self.refused("A row lock does not keep other sessions out.")
            }
        }
        try Self.require(outcome)
    }

    /// The statement after the one that waited for a lock sees what the holder has committed.
    private func proveSight(_ first: PostgresConnection, _ second: PostgresConnection) throws {
        var changed: Int64 = 0
        var seen: Int64 = 0
        let waiting = second.transaction {
            let holding = first.transaction {
                try first.query(Self.lock)
                try second.send(Self.lock)
                try second.send(Self.read)
                try second.flush()
                let deadline = MonotonicTime.now().advanced(byMilliseconds: 2000)
                while try first.query(Self.waits, second.backendProcessID)[0].bool(0) == false {
                    guard MonotonicTime.now() < deadline else {
                        throw Self.refused("A session that waits for a row lock is not seen to wait.")
                    }
                }
                changed = try first.query(Self.change)[0].int(0)
            }
            try Self.require(holding)
            seen = try second.sync().last?.first?.int(0) ?? 0
        }
        try Self.require(waiting)
        guard seen >= changed else {
            throw Self.refused("What was committed before a lock was given is not seen by the next statement.")
        }
    }

    private static func require<Value>(_ outcome: TransactionOutcome<Value>) throws {
        switch outcome {
        case .committed: return
        case .rolledBack(let error): throw error
        case .unknown(let error): throw error
        }
    }

    private static func refused(_ reason: String) -> StoreError {
        StoreError(.incompatible, "The database cannot keep Sobre's promises. \(reason)")
    }
}
