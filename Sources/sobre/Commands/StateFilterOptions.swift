import ArgumentParser
import SobreModel
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput
import Text

/// The options that select messages by their present state.
struct StateFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only these states; may be repeated.", valueName: "state"))
    var state: [DeliveryState] = []

    @Option(help: ArgumentHelp("Only these reasons, such as attempts_exhausted; may be repeated.", valueName: "reason"))
    var reason: [String] = []

    @OptionGroup var selector: DeliveryFilterOptions

    @Option(help: ArgumentHelp("Only messages with this tag, or one within it.", valueName: "tag"))
    var tag: String?

    @Option(help: ArgumentHelp("Only this person.", valueName: "id"))
    var recipient: String?

    @Option(
        help: ArgumentHelp(
            "What came into its state since this time: 1997-01-03, an RFC 3339 time, or 30m, 2h, 7d ago.",
            valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("What came into its state before this time.", valueName: "time"))
    var until: String?

    func validate() throws {
        for name in reason { try Logs.check(reason: name) }
        for (name, text) in [("--since", since), ("--until", until)] { try Logs.check(time: text, of: name) }
    }

    /// The filter; nil when no option was given.
    ///
    /// - Throws: `ValidationError` when a name is none.
    func filter(now: Instant) throws -> StateFilter? {
        let filter = StateFilter(
            states: Set(state), reasons: Set(reason), recipient: recipient, tag: tag, selector: try selector.filter(),
            since: since.flatMap { TextTime.parse($0, now: now) }, until: until.flatMap { TextTime.parse($0, now: now) }
        )
        return filter == StateFilter() ? nil : filter
    }
}
