import ArgumentParser
import SobreAdmission
import ZoneInfo

/// `sobre policy`.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "The rules by which messages are admitted: show, check.",
        discussion: """
            Example:  sobre policy check new-policy.yaml
                      sobre policy show
            """,
        subcommands: [Show.self, Check.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The policy's text, as its file has it.")

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let path = try settings.load().paths.policy
            Console.print(bytes: Array(try TextFile.readText(path, atMost: 1 << 20).utf8))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a policy and say what is wrong with it.",
            discussion: "Status: 0 sound, 78 a mistake, with its place and what would be right.")

        @Argument(help: ArgumentHelp("The policy; without one, that of the settings.", valueName: "file"))
        var file: String?

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let path = try file.map { FilePath.resolve($0, from: FilePath.working) } ?? settings.load().paths.policy
            let shown = FilePath.forDisplay(path)
            let policy = try Policy.parse(text: TextFile.readText(path, atMost: 1 << 20), file: shown, zones: .system)
            var table = Table([
                .init("category"), .init("consent"), .init("obeys caps"), .init("fills caps"), .init("outcome unknown"),
            ])
            for category in policy.categories {
                table.add([
                    .init(category.name), .init("\(category.consent.rawValue)"),
                    .init(category.obeysCaps ? "yes" : "no"),
                    .init(category.countsTowardCaps ? "yes" : "no"), .init("\(category.unknownOutcome.rawValue)"),
                ])
            }
            Console.print("\(shown) is sound. It looks back \(TextTime.length(policy.horizon)).")
            Console.print(table.lines(for: .standardOutput))
        }
    }
}
