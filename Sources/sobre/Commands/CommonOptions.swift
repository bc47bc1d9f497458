public import ArgumentParser
import SobreNode
import SobreSettings
public import TerminalOutput

/// The options of every command that reads the settings.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The settings.", valueName: "file"))
    var config: String?

    func load() throws -> Settings { try Settings.load(path: config) }

    /// Access to the running server, also when the file has become invalid since its start: then only the data directory
    /// counts, if that can be read.
    func accessToServer() throws -> StoreAccess {
        do { return StoreAccess(try load()) } catch {
            guard let place = try? Settings.loadPlace(path: config) else { throw error }
            return StoreAccess(place)
        }
    }

    /// Access to the data, through the running server or the data directory.
    func access() throws -> StoreAccess { StoreAccess(try load()) }
}

/// The option of commands that show the newest of many.
struct PageLimitOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "Show at most this many, the newest; up to 1000.")
    var limit = 50

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 1000.") }
    }
}

/// The options of every command with output.
struct FormatOptions: ParsableArguments {
    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text

    @OptionGroup var width: WidthOptions

    /// Where text goes, with the width that is wanted.
    var terminal: Terminal { width.terminal }
}

/// The options of every command that shows a table.
struct WidthOptions: ParsableArguments {
    @Flag(help: "Cut no column, however wide. A pipe gets whole lines anyway, unless COLUMNS is set.")
    var wide = false

    /// Where text goes, with the width that is wanted.
    var terminal: Terminal { wide ? Terminal.standardOutput.wide : .standardOutput }
}

extension OutputFormat: ExpressibleByArgument {}

/// What commands take that may be the first to write.
struct CreationOptions: ParsableArguments {
    @Flag(help: "Make a new database where there is none.")
    var create = false

    /// Says so where the flag asks for a new database.
    func announce(_ access: StoreAccess) {
        if create { Self.announce(access) }
    }

    /// Says that there are no data yet and that they will be made.
    static func announce(_ access: StoreAccess) {
        guard !access.hasData else { return }
        Console.printError("There are no data in \(access.settings.data.directory) yet: a new database is made there.")
    }
}
