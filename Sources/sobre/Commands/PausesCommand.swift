import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre pauses`.
struct PausesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pauses",
        abstract: "List what is paused: since when, by whom, why, and how many messages wait for it.",
        discussion: """
            Times are in UTC. Messages that become due later are not counted yet.

            Example:  sobre pauses
                      sobre logs --reason paused_by_operator
            """)

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let pauses = try await settings.access().read { try await $0.pauses(at: SystemTime().now()) }
        if output.format == .json {
            Console.print(
                bytes: pauses.flatMap { status in
                    JSONWriter.line { Wire.write(status.pause, held: status.held, to: &$0) }
                })
        } else if pauses.isEmpty {
            Console.printError("Nothing is paused.")
        } else {
            Console.print(Self.table(pauses).lines(for: output.terminal))
        }
    }

    private static func table(_ pauses: [PauseStatus]) -> Table {
        var table = Table([
            .init("id", alignsRight: true), .init("what", shrinksTo: 12), .init("waiting", alignsRight: true),
            .init("since (UTC)"), .init("until"), .init("by", shrinksTo: 8), .init("why", shrinksTo: 10),
        ])
        for status in pauses {
            let pause = status.pause
            table.add([
                .init("\(pause.id)"), .init("\(pause.filter)", .warning), .init("\(status.held)"),
                .init(TextTime.minuteAndSecond(pause.since)),
                .init(pause.until.map(TextTime.minuteAndSecond) ?? "resumed"), .init(pause.by), .init(pause.reason),
            ])
        }
        return table
    }
}
