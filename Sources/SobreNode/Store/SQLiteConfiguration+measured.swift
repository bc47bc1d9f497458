import Logging
import Metrics
import SobreSQLite
import SobreSettings

extension SQLiteConfiguration {
    /// The settings' limits plus metrics. Commit times go to `sobre_store_commit_seconds`, and decision times, which
    /// include reading the facts, to `sobre_decision_seconds`. The conversion of an earlier version's store is logged.
    static func measured(_ settings: Settings, logger: Logger) -> SQLiteConfiguration {
        let commits = Metrics.Timer(label: "sobre_store_commit")
        let shared = Recorder(label: "sobre_store_commit_calls")
        var configuration = SQLiteConfiguration(limits: settings.store, intake: settings.intake)
        let decisions = Metrics.Timer(label: "sobre_decision_seconds")
        configuration.onDecision = { decisions.recordNanoseconds($0) }
        configuration.onUpgrade = { upgrade in
            switch upgrade {
            case .begins(let bytes):
                logger.notice(
                    "converting the store to this version's layout; nothing is accepted or sent until it is done",
                    metadata: ["megabytes": "\(bytes >> 20)"])
            case .ended(let took):
                logger.notice("the store is converted", metadata: ["seconds": "\(took.components.seconds)"])
            }
        }
        configuration.onCommit = { took, calls in
            let (seconds, attoseconds) = took.components
            commits.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
            shared.record(calls)
        }
        return configuration
    }
}
