import ArgumentParser

/// `sobre import`.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import templates from other products.", subcommands: [ImportBraze.self])
}
