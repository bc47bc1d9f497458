import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre pause`.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop sending: everything, or one campaign, category, channel, provider, …",
        usage: "sobre pause --all | --campaign <name> | … [<options>]",
        discussion: """
            When the command returns, nothing of it begins any more. Messages are kept in their order, with their expiry, until \
            sobre resume, or --until. Of several options, all must hold. Through a paused provider nothing is sent; the others \
            of its route take over. A repetition replaces the end and the reason.

            Example:  sobre pause --campaign spring-sale --reason "wrong link"
                      sobre pause --channel sms --until 2h
                      sobre pause --all --reason "incident 42"
                      sobre pauses
                      sobre resume --campaign spring-sale
            """)

    @Flag(help: "Everything.")
    var all = false

    @OptionGroup var scope: DeliveryFilterOptions

    @Option(
        help: ArgumentHelp(
            "Goes on by itself at this time: 2027-01-03, an RFC 3339 time, or 30m, 2h, 7d from now.",
            valueName: "time"))
    var until: String?

    @Option(help: ArgumentHelp("Why, shown wherever the pause is.", valueName: "text"))
    var reason = ""

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        try Self.check(scope.filter(), isAll: all)
        if let until, TextTime.parseAhead(until, now: .epoch) == nil {
            throw ValidationError(
                "--until is not a time: \(Console.harmless(until)). Write 2027-01-03, 2027-01-03T09:00:00Z, 30m, 2h or 7d."
            )
        }
        if !reason.isEmpty, let problem = NameRule.problem(in: reason, atMost: SendingPause.maxReasonBytes) {
            throw ValidationError("--reason: \(problem)")
        }
    }

    /// Everything must be meant in so many words.
    static func check(_ filter: DeliveryFilter, isAll: Bool) throws {
        if filter.isAll, !isAll { throw ValidationError("Say what: --all, --campaign NAME, --channel NAME, …") }
        if !filter.isAll, isAll {
            throw ValidationError("--all is everything; leave it out to mean \(Console.harmless("\(filter)")) only.")
        }
    }

    func run() async throws {
        let now = SystemTime().now()
        let end = until.flatMap { TextTime.parseAhead($0, now: now) }
        if let end, end <= now { throw ValidationError("--until is over: it is \(TextTime.minuteAndSecond(now)) UTC.") }
        let order = PauseOrder(filter: try scope.filter(), until: end, reason: reason)
        guard let pause = try await settings.access().change({ try await $0.pause(order) }) else {
            throw CommandFailure(
                .negative, "There are as many pauses as are allowed (store.max_pauses). sobre pauses shows them.")
        }
        if output.format == .json {
            Console.print(bytes: JSONWriter.line { Wire.write(pause, to: &$0) })
            return
        }
        let last = pause.until.map { "until \(TextTime.minuteAndSecond($0)) UTC" } ?? "until it is resumed"
        Console.print("Paused \(Console.harmless("\(pause.filter)")) \(last).")
        Console.printError("sobre resume \(Console.harmless(pause.filter.options)) lets what waits go, in its order.")
    }
}
