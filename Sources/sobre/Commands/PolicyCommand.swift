import ArgumentParser

/// `sobre policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "The policy: show, check.",
        discussion: """
            Example:  sobre policy check new-policy.yaml
                      sobre policy show
            """,
        subcommands: [PolicyShow.self, PolicyCheck.self])
}
