import Logging
import SobreSQLite
import SobreSettings
import SobreStore

extension Settings {
    /// Where the data are, and by which kind of store: the one place that chooses it. Another kind is added here, with a
    /// setting for it.
    ///
    /// - Parameter logger: measures and reports what a server must know of; nil: a command opens the data.
    /// - Returns: the place of the data; nothing is opened.
    func storeLocation(logger: Logger? = nil) -> any StoreLocation {
        SQLiteLocation(
            directory: data.directory,
            configuration: logger.map { .measured(self, logger: $0) }
                ?? SQLiteConfiguration(limits: store, intake: intake))
    }
}
