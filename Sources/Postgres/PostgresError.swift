/// An error of a connection, of the server, or of the use of this library.
public struct PostgresError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the error arose, which determines what the caller can do.
    public enum Kind: String, Hashable, Sendable {
        /// The server rejected a statement. ``PostgresError/sqlState`` says why.
        case server
        /// The connection could not be made or was lost. What was in flight may have been carried out.
        case connectionLost
        /// No answer arrived in time. The connection is closed.
        case timeout
        /// The pool is closed.
        case closed
        /// Too many calls wait for a connection.
        case overloaded
        /// A column was read as another type, is NULL, or does not exist.
        case conversion
        /// A call that the state of the connection does not allow.
        case usage
    }

    public var kind: Kind
    /// What happened, as a full sentence or in the server's words.
    public var message: String
    /// Nil when the error did not come from the server.
    public var sqlState: SQLState?
    public var detail: String?
    public var hint: String?
    /// The name of the violated constraint.
    public var constraint: String?
    /// Whether the server ended the session with this error.
    public var isFatal: Bool

    public init(
        _ kind: Kind, _ message: String, sqlState: SQLState? = nil, detail: String? = nil, hint: String? = nil,
        constraint: String? = nil, isFatal: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
        self.isFatal = isFatal
    }

    /// Whether the same transaction may succeed when it is run again: it lost a race against another one, and nothing
    /// of it was written.
    public var isRetryable: Bool {
        switch sqlState {
        case .serializationFailure?, .deadlockDetected?, .lockNotAvailable?: true
        default: false
        }
    }

    /// Whether the session is over. Its transaction was rolled back, unless it was being committed.
    public var isConnectionLost: Bool {
        if kind == .connectionLost || kind == .timeout || isFatal { return true }
        guard let sqlState else { return false }
        return sqlState.errorClass == "08" || sqlState.rawValue.hasPrefix("57P")
            || sqlState == .idleInTransactionTimeout
    }

    /// Whether the server rejected a value: a key that exists, a missing reference, a NULL, a failed check.
    public var isConstraintViolation: Bool { sqlState?.errorClass == "23" }

    /// Whether the server accepts no writes: it is a standby, or set to read-only.
    public var isReadOnly: Bool { sqlState == .readOnlyTransaction }

    public var description: String {
        var text = sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message
        if let detail { text += " Detail: \(detail)" }
        if let hint { text += " Hint: \(hint)" }
        return text
    }
}
