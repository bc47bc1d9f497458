import Synchronization

/// What the data lack of what was acknowledged, for operators.
final class DataLoss: Sendable {
    private let found = Mutex<String?>(nil)

    /// In words, with what to do; nil: nothing that is known.
    var words: String? { found.withLock { $0 } }

    func note(commits: Int64) { found.withLock { $0 = Self.words(for: Int(commits)) } }

    static func words(for commits: Int) -> String {
        "The data lack the last \(commits) \(commits == 1 ? "transaction" : "transactions") that were acknowledged: the "
            + "write-ahead log (sobre.db-wal) is missing or cut, or an older copy was put in its place. Messages may be "
            + "lost or go out again, and opt-outs may be missing. Stop the server, put the log back or restore a backup, and "
            + "start with --restored."
    }
}
