import Postgres
import SobreStore

/// The tables, as an append-only list of migrations. Their names are in the schema `sobre` of the database.
enum PostgresSchema {
    /// One step, made in one transaction.
    struct Migration {
        var version: Int64
        var name: String
        var sql: String
    }

    static let migrations = [
        Migration(version: 1, name: "decisions", sql: decisions),
        Migration(version: 2, name: "records", sql: records),
        Migration(version: 3, name: "histories", sql: histories),
        Migration(version: 4, name: "queue", sql: queue),
        Migration(version: 5, name: "inbox", sql: inbox),
    ]

    /// The newest layout that this program knows.
    static let version = migrations.map(\.version).max() ?? 0

    private static let create = """
        CREATE SCHEMA IF NOT EXISTS sobre;
        CREATE TABLE IF NOT EXISTS sobre.migration (version bigint PRIMARY KEY, name text NOT NULL);
        """
    /// Any number, the same in every program that changes these tables.
    private static let lock = PreparedStatement(
        "migration_lock", "SELECT pg_advisory_xact_lock(\(0x536f_6272))")
    private static let known = PreparedStatement(
        "migration_known", "SELECT to_regclass('sobre.migration') IS NOT NULL")
    private static let applied = PreparedStatement("migration_applied", "SELECT version FROM sobre.migration")
    private static let note = PreparedStatement(
        "migration_note", "INSERT INTO sobre.migration (version, name) VALUES ($1, $2)")

    /// The layout of a database.
    ///
    /// - Parameter connection: a connection to it.
    /// - Returns: the newest migration that was made; 0 for a database without tables.
    /// - Throws: `PostgresError` when it cannot be read.
    static func version(_ connection: PostgresConnection) throws(PostgresError) -> Int64 {
        guard try connection.query(known).first?.bool(0) == true else { return 0 }
        var version: Int64 = 0
        for row in try connection.query(applied) { version = max(version, try row.int(0)) }
        return version
    }

    /// Makes the migrations that the database lacks, in one transaction. Several programs at once wait for each other.
    ///
    /// - Parameter connection: a connection, outside a transaction.
    /// - Throws: `StoreError` when a newer program has made the tables, or `PostgresError`; nothing was changed then.
    static func migrate(_ connection: PostgresConnection) throws {
        let outcome = connection.transaction {
            try connection.query(lock)
            try connection.run(script: create)
            let version = try Self.version(connection)
            try checkKnown(version)
            for migration in migrations where migration.version > version {
                try connection.run(script: "SET LOCAL search_path = sobre; \(migration.sql)")
                try connection.query(note, migration.version, migration.name)
            }
        }
        switch outcome {
        case .committed: return
        case .rolledBack(let error): throw error
        case .unknown(let error): throw error
        }
    }

    /// - Parameter version: the database's layout.
    /// - Throws: `StoreError` when a newer program has made it.
    static func checkKnown(_ version: Int64) throws(StoreError) {
        guard version > Self.version else { return }
        throw StoreError(
            .incompatible,
            "The database has layout \(version), and this program knows layouts up to \(Self.version). Use a newer Sobre."
        )
    }

    /// - Parameter connection: a connection to the database.
    /// - Throws: `StoreError` when the tables are missing, older or newer than this program's.
    static func check(_ connection: PostgresConnection) throws {
        let version = try version(connection)
        try checkKnown(version)
        if version == Self.version { return }
        throw StoreError(
            .incompatible,
            version == 0
                ? "The database has no tables of Sobre. Create them first."
                : "The database has layout \(version), and this program needs layout \(Self.version). Migrate it first."
        )
    }
}
