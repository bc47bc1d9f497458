/// A statement that each connection prepares at its first use and keeps under its name.
public struct PreparedStatement: Hashable, Sendable {
    /// At most 63 bytes. Two statements of a program must not share a name.
    public let name: String
    public let sql: String

    /// - Parameters:
    ///   - name: the name on the server, shown by `pg_prepared_statements`.
    ///   - sql: one statement, with parameters `$1`, `$2` and so on.
    public init(_ name: String, _ sql: String) {
        precondition(!name.isEmpty && name.utf8.count <= 63, "The name of a statement has 1 to 63 bytes.")
        self.name = name
        self.sql = sql
    }

    /// The name tells statements apart, and is short.
    public func hash(into hasher: inout Hasher) { hasher.combine(name) }

    static let begin = PreparedStatement("postgres_begin", "BEGIN ISOLATION LEVEL READ COMMITTED")
    static let beginReading = PreparedStatement(
        "postgres_begin_reading", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    static let commit = PreparedStatement("postgres_commit", "COMMIT")
    static let rollback = PreparedStatement("postgres_rollback", "ROLLBACK")
    static let unlimited = PreparedStatement("postgres_unlimited", "SET LOCAL statement_timeout = 0")
    static let set = PreparedStatement("postgres_set", "SELECT set_config($1, $2, false)")
}
