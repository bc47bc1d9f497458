import SQLiteShims

/// What is set for SQLite in the whole process, before its first use.
enum SQLiteProcess {
    /// SQLite counts what it allocates, under a lock that each message would pass some hundred and forty times; nobody
    /// asks for the count. Where somebody else in the process was first, it goes on counting, and nothing else changes.
    static let ready: Void = { _ = sqlite_shim_stop_counting_memory() }()
}
