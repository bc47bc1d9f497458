public import ArgumentParser
import JSON
public import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput
import Text

/// `sobre logs`.
struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the delivery log: what happened to messages, and why.",
        discussion: """
            One row for each transition, newest last, times in UTC.

            Example:  sobre logs --state dropped --since 1d
                      sobre logs --follow --campaign cart-abandoned
                      sobre logs --format json --limit 1000 | jq .reason
            """)

    @Option(
        help: ArgumentHelp("Only these states; may be repeated.", valueName: "state"))
    var state: [DeliveryState] = []

    @Option(help: "Only these channels.")
    var channel: [Channel] = []

    @Option(help: ArgumentHelp("Only these reasons, such as frequency_capped or quiet_hours.", valueName: "reason"))
    var reason: [String] = []

    @Option(help: ArgumentHelp("Only this person.", valueName: "id"))
    var recipient: String?

    @Option var campaign: String?
    @Option var category: String?
    @Option var template: String?
    @Option var provider: String?

    @Option(
        help: ArgumentHelp("Since this time: 1997-01-03, an RFC 3339 time, or 30m, 2h, 7d ago.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Before this time.", valueName: "time"))
    var until: String?

    @Option(name: .shortAndLong, help: "Show at most this many rows.")
    var limit = 50

    @Flag(name: .shortAndLong, help: "Keep showing new rows, until Ctrl-C.")
    var follow = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    /// The time between two polls of `--follow`.
    private static let interval = Duration.milliseconds(250)

    func validate() throws {
        for name in reason { try Self.check(reason: name) }
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 100000.") }
        for (name, text) in [("--since", since), ("--until", until)] { try Self.check(time: text, of: name) }
    }

    /// Refuses a reason that does not exist.
    static func check(reason name: String) throws {
        guard !LogReason.names.contains(name) else { return }
        let hint = Suggestion.closest(to: name, among: LogReason.names).map { "Did you mean \($0)? " } ?? ""
        throw ValidationError(
            "There is no reason \(Console.harmless(name)). \(hint)There are \(LogReason.names.joined(separator: ", "))."
        )
    }

    /// Refuses the value of an option that is not a time.
    static func check(time text: String?, of name: String) throws {
        guard let text, TextTime.parse(text, now: .epoch) == nil else { return }
        throw ValidationError("\(name) is not a time: \(text). Write 1997-01-03, 1997-01-03T09:00:00Z, 30m, 2h or 7d.")
    }

    func run() async throws {
        try await settings.access().read { try await show($0) }
    }

    private func show(_ reader: any StoreReader) async throws {
        var query = query(SystemTime().now())
        let newest = try await reader.log(query)
        var view = LogView(format: output.format, terminal: output.terminal)
        view.show(Array(newest.rows.reversed()))
        if follow {
            query.direction = .forward(after: newest.end)
            query.limit = 1000
            while !Task.isCancelled {
                let fresh = try await reader.log(query)
                view.show(fresh.rows)
                query.direction = .forward(after: fresh.next)
                if fresh.rows.count < query.limit { try await Task.sleep(for: Self.interval) }
            }
        } else if newest.rows.isEmpty, output.format == .text {
            Console.printError("No log rows match.")
        }
    }

    private func query(_ now: Instant) -> LogQuery {
        LogQuery(
            limit: limit, states: Set(state), channels: Set(channel), reasons: Set(reason), recipient: recipient,
            campaign: campaign, category: category, template: template, provider: provider,
            since: since.flatMap { TextTime.parse($0, now: now) }, until: until.flatMap { TextTime.parse($0, now: now) }
        )
    }
}

extension DeliveryState: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
    public static var allValueStrings: [String] { allCases.map(\.description) }
}

extension Channel: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument.lowercased()) }
    public static var allValueStrings: [String] { allCases.map(\.description) }
}
