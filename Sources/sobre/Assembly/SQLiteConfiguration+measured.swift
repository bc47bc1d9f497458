import Metrics
import SobreSQLite

extension SQLiteConfiguration {
    /// The defaults, with the time that commits take in `sobre_store_commit_seconds`, and decisions, with the reading of
    /// their facts, in `sobre_decision_seconds`.
    static func measured() -> SQLiteConfiguration {
        let commits = Metrics.Timer(label: "sobre_store_commit")
        let shared = Recorder(label: "sobre_store_commit_calls")
        var configuration = SQLiteConfiguration()
        let decisions = Metrics.Timer(label: "sobre_decision_seconds")
        configuration.onDecision = { decisions.recordNanoseconds($0) }
        configuration.onCommit = { took, calls in
            let (seconds, attoseconds) = took.components
            commits.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
            shared.record(calls)
        }
        return configuration
    }
}
