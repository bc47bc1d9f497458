import Postgres

/// Another transaction was faster. The transaction writes nothing, and its next run sees what the other has written.
struct LostRace: Error {}

extension Error {
    /// Whether a transaction that failed with this error, and wrote nothing, may succeed when it is run again.
    var isLostRace: Bool {
        if self is LostRace { return true }
        guard let error = self as? PostgresError else { return false }
        // Two nodes may make the same message ID, and the next run makes another.
        return error.isRetryable || error.sqlState == .uniqueViolation
    }
}
