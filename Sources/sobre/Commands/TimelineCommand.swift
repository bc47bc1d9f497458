import ArgumentParser
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput

/// `sobre timeline`.
struct TimelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline",
        abstract: "Show one person's messages over all channels, consents and suppressions, newest last.",
        usage: "sobre timeline <person> [<options>]",
        discussion: """
            Consents and suppressions are listed with their source and evidence. A lifted suppression is listed both when it \
            was set and when it was lifted, for example by the word START.

            Example:  sobre timeline ann
            """)

    @Argument(help: "The person's id.")
    var person: String

    @Option(name: .shortAndLong, help: "Show at most this many messages, and as many consents and suppressions.")
    var limit = 50

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must be from 1 to 10000.") }
    }

    func run() async throws {
        let timeline = try await settings.access().read { try await Timeline.read(person, limit: limit, from: $0) }
        if output.format == .json {
            Console.print(bytes: timeline.json())
        } else if timeline.isEmpty {
            throw CommandFailure(.negative, "Nothing is known about \(Console.harmless(person)).")
        } else {
            Console.print(TimelineView.lines(timeline, terminal: output.terminal))
        }
    }
}
