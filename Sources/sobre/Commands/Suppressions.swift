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
import Text

/// `sobre suppressions`.
struct Suppressions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suppressions: people and addresses that must not be contacted, and their history.",
        discussion: """
            Example:  sobre suppressions add --recipient ann --category marketing
                      sobre suppressions add --channel sms --address +12025550123
                      sobre suppressions list
                      sobre suppressions remove --recipient ann
                      sobre suppressions history --recipient ann
            """,
        subcommands: [List.self, History.self, Add.self, Remove.self, Import.self, Export.self])

    /// The subject of the suppression.
    struct SubjectOptions: ParsableArguments {
        @Option(help: ArgumentHelp("The person, on every channel or on --channel.", valueName: "id"))
        var recipient: String?

        @Option(help: "The channel of the address, or the only one for the person.")
        var channel: Channel?

        @Option(help: ArgumentHelp("An address or number on --channel.", valueName: "address"))
        var address: String?

        /// The subject; nil if neither recipient nor address is given.
        func subject() throws -> SuppressionSubject? {
            if recipient == nil, address == nil { return nil }
            do {
                return try SuppressionSubject(recipient: recipient, channel: channel, address: address)
            } catch {
                throw ValidationError(error.description)
            }
        }

        func required() throws -> SuppressionSubject {
            guard let subject = try subject() else {
                throw ValidationError("Add --recipient ID, or --channel CHANNEL --address ADDRESS.")
            }
            return subject
        }

        func order(category: String?, by word: WordOptions) throws -> Backend.SuppressionOrder {
            Backend.SuppressionOrder(
                subject: try required(), recipient: recipient, channel: channel, address: address, category: category,
                source: word.source, evidence: word.evidence)
        }
    }

    /// The source and evidence of a change.
    struct WordOptions: ParsableArguments {
        @Option(help: "The source, kept in the history.")
        var source = "cli"

        @Option(help: "The evidence, kept in the history.")
        var evidence: String?

        func validate() throws {
            let limits = IntakeLimits()
            for (name, value, most) in [
                ("source", source, limits.maxNameBytes), ("evidence", evidence ?? "", limits.maxEvidenceBytes),
            ] where value.utf8.count > most {
                throw ValidationError("--\(name) has \(value.utf8.count) bytes; at most \(most) are kept.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the newest suppressions, or those of one person or address.",
            usage: "sobre suppressions list [<options>]")

        @OptionGroup var subject: SubjectOptions

        @Option(name: .shortAndLong, help: "Show at most this many.")
        var limit = 100

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let subject = try subject.subject()
            let found = try await settings.access().read { reader in
                var found = try await reader.suppressions(subject: subject?.keyHash, limit: max(1, limit))
                if let id = subject?.recipient {
                    let others = try await reader.addressSuppressions(of: id, on: subject?.scope)
                    found = Array((found + others.flatMap(\.suppressions)).prefix(max(1, limit)))
                }
                return found
            }
            if output.format == .json {
                var writer = JSONWriter()
                for suppression in found {
                    Wire.write(suppression, to: &writer)
                    writer.newline()
                }
                Console.print(bytes: writer.take())
                return
            }
            if found.isEmpty {
                Console.printError("There are no suppressions.")
                return
            }
            var table = Table([
                .init("since (UTC)"), .init("who", shrinksTo: 10), .init("channel"), .init("category", shrinksTo: 8),
                .init("reason"), .init("source", shrinksTo: 8),
            ])
            for suppression in found {
                table.add([
                    .init(TextTime.minuteAndSecond(suppression.at)), .init(suppression.label),
                    .init(suppression.channel?.description ?? "all"), .init(suppression.category ?? "all"),
                    .init(suppression.reason.rawValue), .init(suppression.source),
                ])
            }
            Console.print(table.lines(for: output.terminal))
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Suppress a person or an address, from the next decision on.",
            usage: "sobre suppressions add <options>")

        @OptionGroup var subject: SubjectOptions

        @Option(help: "Only messages of this category.")
        var category: String?

        @Option(
            help: ArgumentHelp(
                "One of \(Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "reason"))
        var reason = Suppression.Reason.manual.rawValue

        @OptionGroup var word: WordOptions

        @OptionGroup var creation: CreationOptions
        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let whom = try subject.required()
            guard let reason = Suppression.Reason(rawValue: reason) else {
                throw ValidationError(
                    "There is no reason \(reason). Use one of \(Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            let order = try subject.order(category: category, by: word)
            let access = try settings.access()
            creation.announce(access)
            try await access.change(creating: creation.create) { try await $0.suppress(order, reason: reason) }
            Console.print("\(Console.harmless(whom.label)) is suppressed (\(reason.rawValue)).")
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lift the suppressions of a person or an address.", usage: "sobre suppressions remove <options>")

        @OptionGroup var subject: SubjectOptions

        @Option(help: "Only those of this category.")
        var category: String?

        @Flag(help: "Also those of the recipient's addresses.")
        var addresses = false

        @OptionGroup var word: WordOptions

        @OptionGroup var settings: SettingsOptions

        func validate() throws {
            if addresses, subject.recipient == nil {
                throw ValidationError("--addresses goes with --recipient: it lifts those of the recipient's addresses.")
            }
        }

        func run() async throws {
            let whom = try subject.required()
            var order = try subject.order(category: category, by: word)
            order.includesAddresses = addresses
            let access = try settings.access()
            let count = try await access.change { [order] in try await $0.lift(order) }
            guard count > 0 else {
                try await Suppressions.reportAddresses(of: whom, access)
                throw CommandFailure(
                    .negative,
                    "\(Console.harmless(whom.label)) has no such suppression. List them with sobre suppressions list.")
            }
            Console.print(
                "\(count) \(count == 1 ? "suppression" : "suppressions") of \(Console.harmless(whom.label)) lifted.")
            try await Suppressions.reportAddresses(of: whom, access)
        }
    }
}
