import ArgumentParser
import Files
import JSON
import SobreAdmission
import SobreModel
import SobreSQLite
import SobreSettings
import ZoneInfo

/// `sobre policy show`.
struct PolicyShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the rules in words, and the version in force.",
        discussion: """
            Shows the policy file, and whether it is in force: a running server takes a changed file within seconds, unless \
            it has a mistake.
            """)

    @Flag(name: .long, help: "Show the text of the file.")
    var text = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let settings = try settings.load()
        let text = try TextFile.readText(settings.paths.policy, atMost: 1 << 20)
        if self.text { return Console.print(bytes: Array(text.utf8)) }
        let shown = FilePath.forDisplay(settings.paths.policy)
        let policy = try Policy.parse(text: text, file: shown, zones: .system)
        let inForce = try await Self.inForce(directory: settings.data.directory)
        let view = PolicyView(policy: policy, file: shown)
        switch output.format {
        case .text:
            Console.print(view.standing(text: text, inForce: inForce))
            Console.print("")
            Console.print(view.lines(for: .standardOutput))
        case .json: Console.print(bytes: view.json(text: text, inForce: inForce))
        }
    }

    /// The newest version that a server has put in force here; nil when there is no data yet.
    private static func inForce(directory: String) async throws -> (version: Int, text: String)? {
        guard TextFile.exists("\(directory)/sobre.db") else { return nil }
        let reader = try SQLiteStore.openReadOnly(directory: directory)
        let found: (version: Int, text: String)?
        do {
            found = try await reader.policyInForce()
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return found
    }
}
