import ArgumentParser
import JSON
import SobreNode
import SobreSettings
import SobreWire
import TerminalOutput

/// `sobre reload`.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Let the running server read settings, providers, credentials, templates and the policy again.",
        discussion: """
            All of it is put in force, or, when a file is invalid, none: then the reason is shown and the status is 1. Calls \
            under way end with the provider as it was. Settings that need a restart are named. SIGHUP does the same.

            Example:  sobre reload
                      sobre audit --action reload
            """)

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let report = try await settings.accessToServer().reload()
        switch output.format {
        case .json: Console.print(bytes: JSONWriter.line { Wire.write(report, to: &$0) })
        case .text: show(report)
        }
    }

    private func show(_ report: ReloadReport) {
        switch report.outcome {
        case .unchanged: Console.print("Nothing changed.")
        case .applied, .refused:
            if !report.changed.isEmpty { Console.print("In force: \(list(report.changed)).") }
        }
        if !report.restart.isEmpty {
            Console.printError("Needs a restart of sobre serve: \(list(report.restart)).")
        }
        for name in report.brokenTemplates {
            Console.printError(
                "The template \(Console.harmless(name)) is broken; its messages are held. sobre templates shows where.")
        }
    }

    private func list(_ names: [String]) -> String { Console.harmless(names.joined(separator: ", ")) }
}
