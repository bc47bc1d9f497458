import ArgumentParser
import Files
import Glibc
import SobreSQLite
import SobreSettings
import SobreStore

/// `sobre backup`.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the data into a new folder as of one instant, also while the server works.",
        discussion: """
            Writes sobre.db and links.key, readable by their owner only. The folder is a data directory: to restore it, put it in \
            the place of the lost one and start sobre serve --restored.

            Settings, policy, templates and providers are your own files and are not included. Run it under the account that \
            owns the data directory.

            Example:  sobre backup /var/backups/sobre-2026-03-01
            """)

    @Argument(help: ArgumentHelp("A folder that does not exist yet.", valueName: "folder"))
    var folder: String

    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let directory = try settings.load().data.directory
        guard TextFile.exists("\(directory)/sobre.db") else {
            throw CommandFailure(.noInput, "There is no data in \(FilePath.forDisplay(directory)).")
        }
        guard mkdir(folder, 0o700) == 0 else {
            let failure = FileError("make", folder, errno)
            throw CommandFailure(.io, "\(failure) Name a folder that does not exist yet, in one that does.")
        }
        let database = "\(folder)/sobre.db"
        let key = "\(folder)/links.key"
        do {
            let bytes = try SQLiteStore.copyDatabase(of: directory, to: database)
            // Without it the settings name the key (links.secret).
            let hasKey = TextFile.exists("\(directory)/links.key")
            if hasKey { try TextFile.replace(key, with: TextFile.readText("\(directory)/links.key")) }
            Console.print(
                "sobre.db (\((bytes + (1 << 20) - 1) >> 20) MiB)\(hasKey ? " and links.key" : "") written to "
                    + "\(Console.harmless(folder)).")
        } catch {
            for path in [database, key] { unlink(path) }
            rmdir(folder)
            throw error
        }
    }
}
