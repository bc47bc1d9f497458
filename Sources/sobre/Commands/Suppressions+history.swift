import ArgumentParser
import JSON
import SobreIntake
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

extension Suppressions {
    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what was set and lifted, with source and evidence, newest last.",
            usage: "sobre suppressions history [<options>]",
            discussion: """
                Covers one person or address, or all of them, including addresses without a profile.

                Example:  sobre suppressions history --channel sms --address +12025550123
                """)

        @OptionGroup var subject: SubjectOptions

        @Option(name: .shortAndLong, help: "Show at most this many, the newest.")
        var limit = 100

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000.") }
        }

        func run() async throws {
            let subject = try subject.subject()
            let records = try await settings.access().read { reader in
                try await reader.suppressionHistory(of: subject?.keyHash, before: nil, limit: limit)
            }
            if output.format == .json {
                Console.print(
                    bytes: records.reversed().flatMap { record in JSONWriter.line { Wire.write(record, to: &$0) } })
            } else if records.isEmpty {
                Console.printError("There are no suppressions in the history.")
            } else {
                Console.print(Self.table(records.reversed()).lines(for: output.terminal))
            }
        }

        private static func table(_ records: [SuppressionRecord]) -> Table {
            var table = Table([
                .init("at (UTC)"), .init("who", shrinksTo: 8), .init("channel"), .init("category", shrinksTo: 8),
                .init("change"), .init("why", shrinksTo: 10),
            ])
            for record in records {
                let item = record.suppression
                let why = [item.reason.rawValue, item.source, item.evidence ?? ""].filter { !$0.isEmpty }
                table.add([
                    .init(TextTime.minuteAndSecond(item.at)), .init(item.label.isEmpty ? "erased" : item.label),
                    .init(item.channel?.description ?? "all"), .init(item.category ?? "all"),
                    record.change == .set ? .init("stopped", .bad) : .init("lifted", .good),
                    .init(why.joined(separator: ": ")),
                ])
            }
            return table
        }
    }
}
