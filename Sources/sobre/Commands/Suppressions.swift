import ArgumentParser
import JSON
import SobreHTTP
import SobreIntake
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Text

/// `sobre suppressions`.
struct Suppressions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Suppressions: orders not to contact a person or an address, and their history.",
        discussion: """
            Example:  sobre suppressions add --recipient ann --category marketing
                      sobre suppressions add --channel sms --address +12025550123
                      sobre suppressions list
                      sobre suppressions remove --recipient ann
                      sobre suppressions history --recipient ann
            """,
        subcommands: [List.self, History.self, Add.self, Remove.self, Import.self, Export.self])

    /// Whom it is about.
    struct SubjectOptions: ParsableArguments {
        @Option(help: ArgumentHelp("The person, on every channel or on --channel.", valueName: "id"))
        var recipient: String?

        @Option(help: "The channel of the address, or the only one for the person.")
        var channel: Channel?

        @Option(help: ArgumentHelp("An address or number on --channel.", valueName: "address"))
        var address: String?

        /// The subject; nil when nothing was named.
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
                throw ValidationError("Say whom it is about: --recipient ID, or --channel CHANNEL --address ADDRESS.")
            }
            return subject
        }

        var query: String {
            var parts: [String] = []
            if let recipient { parts.append("recipient=\(PercentEncoding.encode(recipient))") }
            if let channel { parts.append("channel=\(channel)") }
            if let address { parts.append("address=\(PercentEncoding.encode(address))") }
            return parts.joined(separator: "&")
        }
    }

    /// By whose word it is set or lifted.
    struct WordOptions: ParsableArguments {
        @Option(help: "Who says so, for the history.")
        var source = "cli"

        @Option(help: "What proves it; kept in the history.")
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

        @Option(name: .shortAndLong, help: "At most so many.")
        var limit = 100

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let subject = try subject.subject()
            let (_, reader) = try settings.openForReading()
            let found = try await reader.suppressions(subject: subject?.keyHash, limit: max(1, limit))
            await reader.close()
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
                Console.complain("There are no suppressions.")
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
            Console.print(table.lines(for: .standardOutput))
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

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let whom = try subject.required()
            guard let reason = Suppression.Reason(rawValue: reason) else {
                throw ValidationError(
                    "There is no reason \(reason). There are \(Suppression.Reason.allCases.map(\.rawValue).joined(separator: ", "))."
                )
            }
            try await Backend.using(settings.load()) { backend in
                switch backend {
                case .store(let store, _):
                    try await store.suppress([
                        Suppression(
                            subject: whom.keyHash, label: whom.label, reason: reason, channel: whom.scope,
                            category: category, source: word.source, at: SystemTime().now(), evidence: word.evidence)
                    ])
                case .server(let client): try await send(reason, over: client)
                }
            }
            Console.print("\(Console.harmless(whom.label)) is suppressed (\(reason.rawValue)).")
        }

        private func send(_ reason: Suppression.Reason, over client: ServerClient) async throws {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("recipient", ifPresent: subject.recipient)
                writer.member("channel", ifPresent: subject.channel?.description)
                writer.member("address", ifPresent: subject.address)
                writer.member("category", ifPresent: category)
                writer.member("reason", ifPresent: reason.rawValue)
                writer.member("source", ifPresent: word.source)
                writer.member("evidence", ifPresent: word.evidence)
            }
            let (status, document) = try await client.send("POST", "/v1/suppressions", body: writer.take())
            guard status == 201 else { throw CommandFailure(.data, ServerClient.detail(of: document, status: status)) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lift the suppressions of a person or an address.", usage: "sobre suppressions remove <options>")

        @OptionGroup var subject: SubjectOptions

        @Option(help: "Only those of this category.")
        var category: String?

        @OptionGroup var word: WordOptions

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let whom = try subject.required()
            let count = try await Backend.using(settings.load()) { backend -> Int in
                switch backend {
                case .store(let store, _):
                    return try await store.lift(
                        subject: whom.keyHash, channel: whom.scope, category: category,
                        by: SuppressionLifting(source: word.source, evidence: word.evidence))
                case .server(let client):
                    var query = subject.query
                    for (name, value) in [
                        ("category", category), ("source", word.source), ("evidence", word.evidence),
                    ] {
                        if let value { query += "&\(name)=\(PercentEncoding.encode(value))" }
                    }
                    let (status, document) = try await client.send("DELETE", "/v1/suppressions?\(query)")
                    guard status == 200 else {
                        throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
                    }
                    return document?.root["lifted"]?.int ?? 0
                }
            }
            guard count > 0 else {
                throw CommandFailure(
                    .negative,
                    "\(Console.harmless(whom.label)) had no such suppression. sobre suppressions list shows them.")
            }
            Console.print(
                "\(count) \(count == 1 ? "suppression" : "suppressions") of \(Console.harmless(whom.label)) lifted.")
        }
    }
}
