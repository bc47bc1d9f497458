public import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
public import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre audit`.
struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the audit trail: who changed what by a key or a command, and why.",
        usage: "sobre audit [<options>]",
        discussion: """
            Newest last, times in UTC. Entries are kept for retention.audit. Those about a person who was erased name nobody.

            Example:  sobre audit --since 7d
                      sobre audit --action cancel --by command:ann --format json
            """)

    @Option(help: ArgumentHelp("Only these actions; may be repeated.", valueName: "action"))
    var action: [AuditAction] = []

    @Option(help: ArgumentHelp("Only this author, such as key:k_12ab34cd56 or command:ann.", valueName: "name"))
    var by: String?

    @Option(
        help: ArgumentHelp("Since this time: 1997-01-03, an RFC 3339 time, or 30m, 2h, 7d ago.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Before this time.", valueName: "time"))
    var until: String?

    @Option(name: .shortAndLong, help: "Show at most this many.")
    var limit = 50

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000.") }
        for (name, text) in [("--since", since), ("--until", until)] { try Logs.check(time: text, of: name) }
    }

    func run() async throws {
        let now = SystemTime().now()
        let query = AuditQuery(
            limit: limit, author: by, actions: Set(action), since: since.flatMap { TextTime.parse($0, now: now) },
            until: until.flatMap { TextTime.parse($0, now: now) })
        let entries = Array(try await settings.access().read { try await $0.audit(query) }.reversed())
        switch output.format {
        case .json:
            var writer = JSONWriter()
            for entry in entries {
                Wire.write(entry, to: &writer)
                writer.newline()
            }
            Console.print(bytes: writer.take())
        case .text where entries.isEmpty: Console.printError("No entries match.")
        case .text: Console.print(lines(entries))
        }
    }

    private func lines(_ entries: [AuditEntry]) -> [String] {
        var table = Table([
            Table.Column("at"), Table.Column("by", shrinksTo: 10), Table.Column("action"),
            Table.Column("subject", shrinksTo: 13), Table.Column("detail", shrinksTo: 10, wraps: true),
        ])
        for entry in entries {
            let words = [entry.detail, entry.author.note].filter { !$0.isEmpty }.joined(separator: ": ")
            table.add([
                .init(TextTime.minuteAndSecond(entry.at)), .init(entry.author.name),
                .init(entry.action.rawValue, .strong),
                .init(entry.subject), .init(words),
            ])
        }
        return table.lines(for: output.terminal)
    }
}

extension AuditAction: ExpressibleByArgument {}
