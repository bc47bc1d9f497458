import ArgumentParser
import Files
import Glibc
import SobreNode
import SobreSettings
import TerminalOutput

/// `sobre backup`.
struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the data into a new folder as a consistent snapshot, even while the server is running.",
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
        let access = try settings.access()
        guard access.hasData else {
            throw CommandFailure(
                .noInput, "There is no data in \(FilePath.forDisplay(access.settings.data.directory)).")
        }
        guard mkdir(folder, 0o700) == 0 else {
            let failure = FileError("make", folder, errno)
            throw CommandFailure(.io, "\(failure) Name a new folder inside an existing one.")
        }
        do {
            let files = try access.copy(to: folder)
            var names = files.map(\.name)
            if let first = files.first { names[0] += " (\((first.bytes + (1 << 20) - 1) >> 20) MiB)" }
            Console.print("\(names.joined(separator: " and ")) written to \(Console.harmless(folder)).")
        } catch {
            rmdir(folder)
            throw error
        }
    }
}
