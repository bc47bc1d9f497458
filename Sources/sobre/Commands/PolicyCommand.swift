import ArgumentParser

/// `sobre policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "The rules by which messages are admitted: show, check.",
        discussion: """
            Example:  sobre policy check new-policy.yaml
                      sobre policy show
            """,
        subcommands: [PolicyShow.self, PolicyCheck.self])
}
