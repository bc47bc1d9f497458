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
            Consents and suppressions are told with their source and evidence; one that was lifted, by START say, when \
            it was set and when it was lifted.

            Example:  sobre timeline ann
            """)

    @Argument(help: "The person's id.")
    var person: String

    @Option(name: .shortAndLong, help: "At most so many messages, and as many of the others.")
    var limit = 50

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must lie from 1 to 10000.") }
    }

    func run() async throws {
        let timeline = try await settings.access().read { try await Timeline.read(person, limit: limit, from: $0) }
        if output.format == .json {
            Console.print(bytes: timeline.json())
        } else if timeline.isEmpty {
            throw CommandFailure(.negative, "Nothing of \(Console.harmless(person)) is known.")
        } else {
            Console.print(TimelineView.lines(timeline, terminal: .standardOutput))
        }
    }
}
