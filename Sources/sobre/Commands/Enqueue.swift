import ArgumentParser
import SobreSettings

/// `sobre enqueue`.
struct Enqueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take messages from a file: one JSON object a line.", usage: "sobre enqueue <file> [<options>]",
        discussion: """
            Goes through the running server where there is one (key from SOBRE_API_KEY), else straight into the data \
            directory, with the same checks. Good lines are kept whatever the others are; each wrong one is named with \
            its field and what would be right.

            Example:  sobre enqueue messages.ndjson
                      echo '{"recipient": "ann", "template": "win-back"}' |
                        sobre enqueue -

            Status: 0 all taken, 1 some refused, 69 some could not be stored now.
            """)

    @Argument(help: ArgumentHelp("An NDJSON file, or - for standard input.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Makes sending the same file again harmless: line 3 gets KEY#3.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        try await BatchRun.command(
            .messages, file: file, settings: settings.load(), nouns: ("message", "messages"), format: output.format,
            idempotencyKey: idempotencyKey)
    }
}
