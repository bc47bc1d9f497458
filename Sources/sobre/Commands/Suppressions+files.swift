import ArgumentParser
import JSON
import RecordFiles
import SobreClient
import SobreIntake
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import Text
import TerminalOutput

extension Suppressions {
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import suppressions from a file: NDJSON, or CSV when its name ends in .csv.",
            usage: "sobre suppressions import <file> [<options>]",
            discussion: """
                Example:  sobre suppressions import bounces.csv
                A line:   {"channel": "email", "address": "ann@example.com",
                           "reason": "hard_bounce"}
                CSV:      the first record names the columns: recipient, channel,
                          address, category, reason, source, at, evidence; or
                          subject and label, as an export writes them.

                Valid lines are stored; each invalid one is reported with its line and field.
                """)

        @Argument(help: ArgumentHelp("A file, or - for NDJSON on standard input.", valueName: "file"))
        var file: String

        @OptionGroup var creation: CreationOptions
        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            try await BatchRun.command(
                .suppressions, file: file, access: settings.access(), nouns: ("suppression", "suppressions"),
                format: output.format,
                creation: creation)
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Export all suppressions: NDJSON, or CSV when the name ends in .csv.",
            discussion: """
                Example:  sobre suppressions export suppressed.csv

                Each person or address is written as a hash (subject) and a masked label, so the file contains no addresses. \
                It can still be imported elsewhere.
                """)

        @Argument(help: ArgumentHelp("The file to write; - is NDJSON on standard output.", valueName: "file"))
        var file = "-"

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let isCSV = file.lowercased().hasSuffix(".csv")
            let head = isCSV ? CSVWriter.line(SuppressionDocument.names) : ""
            try await ExportRun("Exporting", to: file, settings).run(after: Suppression?.none, head: head) {
                reader, last, limit in
                try await reader.suppressions(after: last, limit: limit)
            } write: { suppression, bytes in
                if isCSV {
                    bytes += Array(CSVWriter.line(SuppressionDocument.members(of: suppression).map(\.value)).utf8)
                } else {
                    bytes += JSONWriter.line { SuppressionDocument.write(suppression, to: &$0) }
                }
            }
        }
    }
}
