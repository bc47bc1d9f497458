import ArgumentParser
import Files
import Glibc
import SobreSQLite
import SobreSettings
import SobreStore

/// What every command takes that reads the settings.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The settings.", valueName: "file"))
    var config: String?

    func load() throws -> Settings { try Settings.load(path: config) }

    /// The store for reading, whether or not a server owns it.
    func openForReading() throws -> (Settings, SQLiteReader) {
        let settings = try load()
        let directory = settings.data.directory
        guard TextFile.exists("\(directory)/sobre.db") else {
            throw CommandFailure(
                .noInput,
                "There is no data yet in \(FilePath.forDisplay(directory)). "
                    + "Start sobre serve, or enqueue a message; or set data.directory to where the data is.")
        }
        return (settings, try SQLiteStore.openReadOnly(directory: directory))
    }
}

/// What every command takes that shows something.
struct FormatOptions: ParsableArguments {
    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text
}
