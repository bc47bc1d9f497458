import GRDBSQLite
import SobreModel
import SobreSettings
import Threads

/// Empties the write-ahead log after an erasure. The log holds earlier versions of pages until it is overwritten, which
/// can take days on a quiet server.
struct LogCleaning {
    /// Whether something was erased that the log may still hold.
    var isDue = false
    /// When the last try failed because somebody reads an earlier state, such as a backup: when to try again, in
    /// nanoseconds of the monotonic clock.
    private(set) var retryAt: UInt64?

    /// When the writer must wake up to try again; nil when there is nothing to do.
    var deadline: UInt64? { isDue ? retryAt ?? 0 : nil }

    /// Tries to empty the log, if that is due. Call it outside of a transaction.
    ///
    /// - Parameters:
    ///   - connection: the writing connection.
    ///   - limits: the store's limits.
    mutating func run(on connection: OpaquePointer, _ limits: StoreLimits) {
        let now = MonotonicTime.now().nanoseconds
        guard isDue, now >= retryAt ?? 0 else { return }
        // Waits for readers a moment only: meanwhile nobody can write.
        sqlite3_busy_timeout(connection, Int32(limits.erasureWait.milliseconds))
        defer { sqlite3_busy_timeout(connection, Int32(limits.busyTimeout.milliseconds)) }
        if sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil) == SQLITE_OK {
            self = LogCleaning()
        } else {
            retryAt = now + UInt64(max(1, limits.erasureRetry.milliseconds)) * 1_000_000
        }
    }
}
