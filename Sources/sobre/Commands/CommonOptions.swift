public import ArgumentParser
import SobreNode
import SobreSettings
public import TerminalOutput

/// What every command takes that reads the settings.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The settings.", valueName: "file"))
    var config: String?

    func load() throws -> Settings { try Settings.load(path: config) }

    /// The way to the data.
    func access() throws -> StoreAccess { StoreAccess(try load()) }
}

/// What every command takes that shows something.
struct FormatOptions: ParsableArguments {
    @Option(name: .long, help: "text or json.")
    var format: OutputFormat = .text
}

extension OutputFormat: ExpressibleByArgument {}
