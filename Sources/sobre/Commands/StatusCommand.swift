import ArgumentParser
import JSON
import SobreNode
import SobreSettings
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the running server does: warnings, backlog, providers, clock.",
        discussion: """
            Each warning says which command helps. sobre doctor also checks the files and the data, with or without a server.

            Status: 0 nothing needs attention, 1 there are warnings, 69 no server answers.

            Example:  sobre status
                      sobre status --format json | jq .warnings
            """)

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let condition = try await settings.accessToServer().condition()
        switch output.format {
        case .json: Console.print(bytes: JSONWriter.line { Wire.write(condition, to: &$0) })
        case .text: Console.print(ConditionView(terminal: output.terminal).lines(condition))
        }
        if !condition.warnings.isEmpty { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}
