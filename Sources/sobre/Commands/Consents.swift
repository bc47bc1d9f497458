import ArgumentParser
import JSON
import SobreClient
import SobreIntake
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput
import Text

/// `sobre consents`.
struct Consents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Consents with their evidence: set, list, import, export.",
        discussion: """
            Example:  sobre consents set ann --category marketing --refused --source phone
                      sobre consents list ann
            """,
        subcommands: [Put.self, List.self, Import.self, Export.self])

    struct Put: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set", abstract: "Record a consent or a refusal, in force from the next decision on.",
            usage: "sobre consents set <id> --category <category> <options>")

        @Argument(help: "The person's id, or an alias.")
        var id: String

        @Option(help: "The category or topic of the consent.")
        var category: String

        @Option(help: "One channel. Default: all channels.")
        var channel: Channel?

        @Flag(help: "The person allows it.")
        var granted = false

        @Flag(help: "The person refuses it.")
        var refused = false

        @Option(help: "Where the answer was given, for example checkout or phone.")
        var source = "cli"

        @Option(help: "The evidence, kept in the history.")
        var evidence: String?

        @Option(help: ArgumentHelp("When the answer was given (RFC 3339). Default: now.", valueName: "time"))
        var at: String?

        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            guard granted != refused else { throw ValidationError("Add --granted or --refused.") }
            if let at, Instant(rfc3339: at) == nil {
                throw ValidationError("\"\(at)\" is not a time. Write it like 2026-03-01T09:00:00Z.")
            }
        }

        func run() async throws {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("category", ifPresent: category)
                writer.member("channel", ifPresent: channel?.description)
                writer.key("granted")
                writer.value(granted)
                writer.member("source", ifPresent: source)
                writer.member("evidence", ifPresent: evidence)
                writer.member("at", ifPresent: at)
            }
            let body = writer.take()
            let access = try settings.access()
            let isInForce = try await access.change { try await $0.record(consent: body, of: id) }
            let what = "\(Console.harmless(id)): \(category) \(granted ? "granted" : "refused")"
            Console.print(
                isInForce ? "\(what), in force." : "\(what) is in the history only; a newer statement is in force.")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List one person's consents: the history, newest last, and which are in force.",
            usage: "sobre consents list <id> [<options>]")

        @Argument(help: "The person's id, or an alias.")
        var id: String

        @Option(name: .shortAndLong, help: "Show at most this many, starting with the oldest.")
        var limit = 1_000

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let (profile, history) = try await settings.access().read { reader in
                (try await reader.profile(id), try await reader.consentHistory(of: id, after: 0, limit: max(1, limit)))
            }
            if output.format == .json {
                var writer = JSONWriter()
                for record in history {
                    Wire.write(record, to: &writer)
                    writer.newline()
                }
                Console.print(bytes: writer.take())
                return
            }
            guard !history.isEmpty else {
                throw CommandFailure(.negative, "No consents are recorded for \(Console.harmless(id)).")
            }
            var table = Table([
                .init("given (UTC)"), .init("category", shrinksTo: 8), .init("channel"), .init("answer"),
                .init("source", shrinksTo: 6), .init("evidence", shrinksTo: 8), .init("now"),
            ])
            for record in history {
                var consent = record.consent
                consent.evidence = nil
                table.add([
                    .init(consent.at.map(TextTime.minuteAndSecond) ?? "unknown"), .init(consent.category),
                    .init(consent.channel?.description ?? "all"), .init(consent.granted ? "granted" : "refused"),
                    .init(consent.source ?? ""), .init(record.consent.evidence ?? ""),
                    .init(profile?.consents.contains(consent) == true ? "in force" : ""),
                ])
            }
            Console.print(table.lines(for: output.terminal))
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import consents from a file: one JSON object per line, each with its recipient.",
            usage: "sobre consents import <file> [<options>]",
            discussion: """
                Example:  sobre consents import consents.ndjson
                A line:   {"recipient": "ann", "category": "marketing",
                           "channel": "email", "granted": true,
                           "at": "2026-01-01T00:00:00Z", "source": "checkout",
                           "evidence": "box ticked, ip 192.0.2.7"}
                """)

        @Argument(help: ArgumentHelp("An NDJSON file, or - for standard input.", valueName: "file"))
        var file: String

        @OptionGroup var creation: CreationOptions
        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            try await BatchRun.command(
                .consents, file: file, access: settings.access(), nouns: ("consent", "consents"), format: output.format,
                creation: creation)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Export the whole history of consents as NDJSON.")

        @Argument(help: ArgumentHelp("The file to write; - is standard output.", valueName: "file"))
        var file = "-"

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            try await ExportRun("Exporting", to: file, settings).run(after: ConsentRecord?.none) {
                reader, last, limit in
                try await reader.consentHistory(of: nil, after: last?.sequence ?? 0, limit: limit)
            } write: { record, bytes in
                // Entries of erased recipients have no id and are not exported.
                if record.recipient.isEmpty { return }
                bytes += JSONWriter.line { Wire.write(record, to: &$0) }
            }
        }
    }
}
