import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput
import Text

/// `sobre events`.
struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show and steer the webhooks: how far each subscription to events has come, and what its receiver did.",
        usage: "sobre events [<options>]\nsobre events pause|resume|replay|test <name>",
        discussion: """
            The section events of the settings names the subscriptions.

            Example:  sobre events
                      sobre events replay warehouse --since 2h
                      sobre events test warehouse
            """,
        subcommands: [List.self, Pause.self, Resume.self, Replay.self, Test.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the subscriptions with their cursor, their lag and their last error.")

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let statuses = try await settings.access().eventSubscriptions()
            if output.format == .json {
                Console.print(bytes: statuses.flatMap { status in JSONWriter.line { Wire.write(status, to: &$0) } })
            } else if statuses.isEmpty {
                Console.printError("There are no subscriptions. The section events of the settings names them.")
            } else {
                Console.print(Self.table(statuses).lines(for: output.terminal))
            }
        }

        private static func table(_ statuses: [EventSubscriptionStatus]) -> Table {
            var table = Table([
                .init("name"), .init("state"), .init("behind", alignsRight: true), .init("cursor"),
                .init("delivered", alignsRight: true), .init("last (UTC)"), .init("what", shrinksTo: 12, wraps: true),
            ])
            for status in statuses {
                let what = status.fault ?? status.state.map { $0.pausedSince == nil ? $0.lastError : $0.pauseReason }
                table.add([
                    .init(status.name, .strong),
                    .init(status.condition.rawValue, status.condition == .active ? nil : .warning),
                    .init(DurationText.rounded(status.behind)), .init(status.state?.position?.description ?? "-"),
                    .init("\(status.state?.delivered ?? 0)"),
                    .init(status.state?.lastDeliveredAt.map(TextTime.minuteAndSecond) ?? "never"), .init(what ?? ""),
                ])
            }
            return table
        }
    }

    /// The subscription that an order is about.
    struct Target: ParsableArguments {
        @Argument(help: "The name of the subscription.")
        var name: String

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        /// Carries out an order and shows how far the subscription has come.
        func carryOut(_ order: EventOrder, note: String? = nil, saying words: String) async throws {
            let access = try settings.access()
            let state = try await Author.$current.withValue(.command(note: note)) {
                try await access.change { try await $0.carryOut(order, on: name) }
            }
            guard let state else {
                guard access.settings.events.subscriptions.contains(where: { $0.name == name }) else {
                    throw CommandFailure(.noInput, EventTrial.unknown(Console.harmless(name), access.settings))
                }
                throw CommandFailure(
                    .negative, "The subscription \(name) has not begun. It begins when sobre serve runs.")
            }
            if output.format == .json {
                Console.print(bytes: JSONWriter.line { Wire.write(state, to: &$0) })
            } else {
                Console.print("\(words) \(state.position.map { "Its cursor is \($0)." } ?? "It is at the beginning.")")
            }
        }
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send nothing to a receiver until it is resumed. Its events wait.",
            usage: "sobre events pause <name> [--reason <text>] [<options>]")

        @OptionGroup var target: Target

        @Option(help: ArgumentHelp("Why, shown wherever the pause is.", valueName: "text"))
        var reason = ""

        func validate() throws {
            if !reason.isEmpty, let problem = NameRule.problem(in: reason, atMost: SendingPause.maxReasonBytes) {
                throw ValidationError("--reason: \(problem)")
            }
        }

        func run() async throws {
            try await target.carryOut(.pause(reason: reason), note: reason, saying: "Paused \(target.name).")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send what waits for a receiver, from where its subscription stands.")

        @OptionGroup var target: Target

        func run() async throws { try await target.carryOut(.resume, saying: "Resumed \(target.name).") }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send events again: all after a cursor, or from a time on.",
            usage: "sobre events replay <name> --from <cursor> | --since <time>",
            discussion: """
                Example:  sobre events replay warehouse --from 48213
                          sobre events replay warehouse --since 2h
                """)

        @OptionGroup var target: Target

        @Option(
            help: ArgumentHelp(
                "After this cursor, the last that the receiver has; 0: from the beginning.", valueName: "cursor"))
        var from: String?

        @Option(
            help: ArgumentHelp(
                "From this time on: 2027-01-03, an RFC 3339 time, or 30m, 2h, 7d ago.", valueName: "time"))
        var since: String?

        func validate() throws {
            guard (from == nil) != (since == nil) else { throw ValidationError("Say either --from or --since.") }
            if let from, LogCursor(from) == nil {
                throw ValidationError("--from is not a cursor. Take the cursor of an event, or 0 for the beginning.")
            }
            try Logs.check(time: since, of: "--since")
        }

        func run() async throws {
            var order = EventOrder.replay(after: from == "0" ? nil : from.flatMap { LogCursor($0) })
            if let time = since.flatMap({ TextTime.parse($0, now: SystemTime().now()) }) { order = .replaySince(time) }
            try await target.carryOut(order, saying: "Set back \(target.name).")
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send one signed request without events to a receiver, and show what it answers.")

        @Argument(help: "The name of the subscription.")
        var name: String

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let result = try await EventTrial.send(to: name, try settings.load())
            let time = "after \(result.duration.milliseconds) ms"
            if let fault = result.fault { throw CommandFailure(.negative, "\(fault) (\(time))") }
            Console.print("The receiver of \(name) took the request \(time).")
        }
    }
}
