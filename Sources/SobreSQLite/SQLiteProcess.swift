import SQLiteShims

/// Process-wide settings of SQLite, which must be made before its first use.
enum SQLiteProcess {
    /// Turns off SQLite's memory statistics, which nothing reads. Their lock would be taken about 140 times per
    /// message. If other code in the process used SQLite first, the statistics stay on and nothing else changes.
    static let ready: Void = { _ = sqlite_shim_stop_counting_memory() }()
}
