import Logging
import SobreSQLite
import SobreSettings
import SobreStore

extension Settings {
    /// The location of the data and the kind of store. This is the only place that chooses the kind of store; another
    /// kind is added here, with a setting for it.
    ///
    /// - Parameters:
    ///   - logger: the server's log, which also turns on metrics; nil when a command opens the data.
    ///   - onLoss: called when the data lack commits that were acknowledged, with their number.
    /// - Returns: the location of the data. Nothing is opened yet.
    func storeLocation(
        logger: Logger? = nil, onLoss: @escaping @Sendable (Int64) -> Void = { _ in }
    ) -> any StoreLocation {
        var configuration =
            logger.map { .measured(self, logger: $0) } ?? SQLiteConfiguration(limits: store, intake: intake)
        configuration.onLoss = onLoss
        return SQLiteLocation(directory: data.directory, configuration: configuration)
    }
}
