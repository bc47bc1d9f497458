import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre inbound`.
struct Inbound: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show inbound messages that contain no known keyword.",
        usage: "sobre inbound [<options>]",
        discussion: """
            STOP and similar keywords take effect automatically. All other inbound messages are kept here, because a recipient \
            may opt out in other words: newest last, times in UTC, numbers masked. To suppress a sender, use sobre suppressions add.

            Example:  sobre inbound
                      sobre inbound --limit 500 --format json
            """)

    @OptionGroup var page: PageLimitOption

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let messages = try await settings.access().read { reader in
            Array(try await reader.unmatchedMessages(limit: page.limit).reversed())
        }
        if output.format == .json {
            var writer = JSONWriter(indentation: 2)
            writer.object { writer in Wire.write(unmatched: messages, to: &writer) }
            writer.newline()
            Console.print(bytes: writer.take())
        } else if messages.isEmpty {
            Console.print(["Every inbound message was understood."])
        } else {
            var table = Table([
                Table.Column("received"), Table.Column("channel"), Table.Column("from"), Table.Column("provider"),
                Table.Column("text", shrinksTo: 20),
            ])
            for message in messages {
                table.add([
                    .init(TextTime.minuteAndSecond(message.receivedAt)), .init(message.channel.description),
                    .init(message.label, .quiet), .init(message.provider ?? ""), .init(message.words),
                ])
            }
            Console.print(table.lines(for: output.terminal))
        }
    }
}
