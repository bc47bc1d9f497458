import ArgumentParser
import JSON
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreStore

/// `sobre timeline`.
struct TimelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "One person's messages over all channels, the newest last.",
        discussion: "Example:  sobre timeline ann")

    @Argument(help: "The person's id.")
    var person: String

    @Option(name: .shortAndLong, help: "At most so many messages.")
    var limit = 50

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (1...10_000).contains(limit) else { throw ValidationError("--limit must lie from 1 to 10000.") }
    }

    func run() async throws {
        let (_, reader) = try settings.openForReading()
        let items = try await reader.timeline(recipient: person, limit: limit)
        await reader.close()
        if output.format == .json {
            var writer = JSONWriter()
            for item in items.reversed() {
                Wire.write(item.message, last: item.last, to: &writer)
                writer.newline()
            }
            Console.print(bytes: writer.take())
        } else if items.isEmpty {
            throw CommandFailure(.negative, "No message to \(Console.harmless(person)) is known.")
        } else {
            Console.print(TimelineView.lines(items.reversed(), terminal: .standardOutput))
        }
    }
}
