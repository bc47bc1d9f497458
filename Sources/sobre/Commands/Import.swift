import ArgumentParser

/// `sobre import`.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings templates from elsewhere.", subcommands: [ImportBraze.self])
}
