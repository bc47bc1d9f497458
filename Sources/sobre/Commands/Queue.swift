import ArgumentParser
import JSON
import SobreClient
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput
import Text

/// `sobre queue`.
struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what waits: how many deliveries, since when, and why.",
        usage: "sobre queue [<options>]",
        discussion: """
            Counts by state, channel, campaign and reason, the largest first. Asks the server when one runs; else reads the data.

            Example:  sobre queue
                      sobre queue --limit 5 --format json | jq .oldest_due_age_ms
            """)

    @Option(name: .shortAndLong, help: "Show at most this many groups.")
    var limit = 50

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (0...10_000).contains(limit) else { throw ValidationError("--limit must be from 0 to 10000.") }
    }

    func run() async throws {
        let summary = try await settings.access().ask { client in
            try await client.queue(limit: limit)
        } reader: { reader in
            try await reader.queue(at: SystemTime().now(), limit: limit)
        }
        switch output.format {
        case .text: Console.print(QueueView(terminal: output.terminal).lines(summary))
        case .json:
            var writer = JSONWriter(indentation: 2)
            Wire.write(summary, to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        }
    }
}
