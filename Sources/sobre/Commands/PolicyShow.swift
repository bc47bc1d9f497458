import ArgumentParser
import Files
import JSON
import SobreAdmission
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput
import ZoneInfo

/// `sobre policy show`.
struct PolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the rules in words, and the version in force.",
        discussion: """
            Shows the policy file, and whether it is in force: a running server applies a changed file within seconds if it \
            is valid.
            """)

    @Flag(name: .long, help: "Show the text of the file.")
    var text = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let access = try settings.access()
        let settings = access.settings
        let text = try TextFile.readText(settings.paths.policy, atMost: 1 << 20)
        if self.text { return Console.print(bytes: Array(text.utf8)) }
        let shown = FilePath.forDisplay(settings.paths.policy)
        let policy = try Policy.load(text: text, file: shown, zones: .system)
        // Without data no policy is in force yet.
        let inForce = access.hasData ? try await access.read { try await $0.policyInForce() } : nil
        let view = PolicyView(policy: policy, file: shown)
        switch output.format {
        case .text:
            Console.print(view.standing(text: text, inForce: inForce))
            Console.print("")
            Console.print(view.lines(for: output.terminal))
        case .json: Console.print(bytes: view.json(text: text, inForce: inForce))
        }
    }
}
