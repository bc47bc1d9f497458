import ArgumentParser
import SobreClient
import SobreNode
import SobreSettings
import TerminalOutput

/// `sobre enqueue`.
struct Enqueue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Enqueue messages from a file: one JSON object per line.", usage: "sobre enqueue <file> [<options>]",
        discussion: """
            Goes through the running server (key from SOBRE_API_KEY), or writes to the data directory when no server is \
            running. Valid lines are stored; each invalid one is reported with its line, its field and what is expected.

            Example:  sobre enqueue messages.ndjson
                      echo '{"recipient": "ann", "template": "win-back"}' |
                        sobre enqueue -
                      sobre enqueue messages.ndjson --attach terms.pdf --attach prices.pdf

            Status: 0 all accepted, 1 some rejected, 69 some could not be stored now.
            """)

    @Argument(help: ArgumentHelp("An NDJSON file, or - for standard input.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Make it safe to send the same file again: line 3 gets KEY#3.", valueName: "key"))
    var idempotencyKey: String?

    @Option(
        name: .customLong("attach"),
        help: ArgumentHelp(
            "Attach a file to the email of every message; several with several --attach.", valueName: "file"))
    var attached: [String] = []

    @OptionGroup var creation: CreationOptions
    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let access = try settings.access()
        let files = try AttachedFiles(attached, limits: access.settings.intake.attachments)
        try await BatchRun.command(
            .messages, file: file, access: access, nouns: ("message", "messages"), format: output.format,
            creation: creation, idempotencyKey: idempotencyKey, files: files)
    }
}
