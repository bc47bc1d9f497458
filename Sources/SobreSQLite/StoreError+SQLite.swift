import GRDB
import GRDBSQLite
import SobreStore

extension StoreError {
    /// The error for an SQLite result code.
    static func sqlite(_ code: Int32, on connection: OpaquePointer?, doing what: String) -> StoreError {
        let message = connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
        return classify(code, message, doing: what)
    }

    /// The error for an error that GRDB threw.
    static func from(_ error: any Error, doing what: String) -> StoreError {
        if let error = error as? StoreError { return error }
        if let error = error as? DatabaseError {
            return classify(error.extendedResultCode.rawValue, error.message ?? error.description, doing: what)
        }
        return StoreError(
            .internal, "The store failed while \(what); this is a fault in Sobre, please report it.",
            underlying: "\(error)")
    }

    private static func classify(_ code: Int32, _ message: String, doing what: String) -> StoreError {
        let underlying = "SQLite \(code): \(message)"
        switch code & 0xff {
        case SQLITE_FULL:
            return StoreError(
                .full, "The disk that holds the data directory is full; nothing was written. Free some space.",
                underlying: underlying)
        case SQLITE_BUSY, SQLITE_LOCKED:
            return StoreError(
                .overloaded, "The database stayed locked by another process; end that process or try again.",
                underlying: underlying)
        case SQLITE_CORRUPT:
            return StoreError(
                .corrupt, "The database file is damaged; stop Sobre and restore the data directory from a backup.",
                underlying: underlying)
        case SQLITE_NOTADB:
            return StoreError(
                .incompatible, "The database file is not an SQLite database; check the data directory's path.",
                underlying: underlying)
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH, SQLITE_NOMEM, SQLITE_PROTOCOL:
            return StoreError(
                .io, "The database could not be used while \(what); check the disk and the directory's permissions.",
                underlying: underlying)
        default:
            return StoreError(
                .internal, "The store failed while \(what); this is a fault in Sobre, please report it.",
                underlying: underlying)
        }
    }

    static let closed = StoreError(.closed, "The store is closed; start Sobre again to use it.")

    static let overloaded = StoreError(
        .overloaded, "Too many writes wait for the database; try again shortly.")
}
