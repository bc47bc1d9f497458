import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre sources`.
struct Sources: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the logs that messages are taken from, and the records that were rejected.",
        usage: "sobre sources [<options>]\nsobre sources rejects [<name>]",
        discussion: """
            The key intake.sources of the settings names them.

            Example:  sobre sources
                      sobre sources rejects orders --limit 10
            """,
        subcommands: [List.self, Rejects.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the partitions of all sources with their position and lag.")

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let statuses = try await settings.access().sources()
            if output.format == .json {
                Console.print(bytes: statuses.flatMap { status in JSONWriter.line { Wire.write(status, to: &$0) } })
            } else if statuses.isEmpty {
                Console.printError("There are no sources. The key intake.sources of the settings names them.")
            } else {
                Console.print(Self.table(statuses).lines(for: output.terminal))
            }
        }

        private static func table(_ statuses: [SourceStatus]) -> Table {
            var table = Table([
                .init("name"), .init("state"), .init("partition"), .init("next", alignsRight: true),
                .init("lag", alignsRight: true), .init("rejects", alignsRight: true), .init("last (UTC)"),
                .init("what", shrinksTo: 12, wraps: true),
            ])
            for status in statuses {
                let isWell = status.condition == .reading || status.condition == .starting
                table.add([
                    .init(status.name, .strong), .init(status.condition.rawValue, isWell ? nil : .warning), .init(""),
                    .init(""), .init("\(status.lag)"), .init("\(status.rejects)"),
                    .init(status.lastStoredAt.map(TextTime.minuteAndSecond) ?? ""), .init(status.why ?? ""),
                ])
                for partition in status.partitions {
                    table.add([
                        .init(""), .init(""), .init(partition.place.description),
                        .init(partition.next.map(String.init) ?? "-"), .init(partition.lag.map(String.init) ?? "-"),
                        .init(""), .init(""), .init(""),
                    ])
                }
            }
            return table
        }
    }

    struct Rejects: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the records that could not become messages, newest last.",
            usage: "sobre sources rejects [<name>] [--limit <n>] [<options>]",
            discussion: "Fix the producer and produce the record again. With --format json the record itself is shown.")

        @Argument(help: "The name of the source. Default: all.")
        var name: String?

        @OptionGroup var page: PageLimitOption

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let records = try await settings.access().read { reader in
                Array(try await reader.rejects(ofSource: name, before: nil, limit: page.limit).reversed())
            }
            if output.format == .json {
                Console.print(bytes: records.flatMap { record in JSONWriter.line { Wire.write(record, to: &$0) } })
            } else if records.isEmpty {
                Console.print(["No record was rejected."])
            } else {
                Console.print(Self.table(records).lines(for: output.terminal))
            }
        }

        /// Without the records, which may have addresses in them.
        private static func table(_ records: [RejectedRecord]) -> Table {
            var table = Table([
                .init("rejected (UTC)"), .init("source"), .init("partition"), .init("offset", alignsRight: true),
                .init("bytes", alignsRight: true), .init("problem", shrinksTo: 20, wraps: true),
            ])
            for record in records {
                table.add([
                    .init(TextTime.minuteAndSecond(record.rejectedAt)), .init(record.source, .strong),
                    .init(record.partition.description), .init("\(record.offset)"), .init("\(record.size)"),
                    .init(record.problem.message),
                ])
            }
            return table
        }
    }
}
