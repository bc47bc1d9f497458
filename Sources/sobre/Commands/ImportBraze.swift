import ArgumentParser
import BrazeImporting
import Glibc
import TerminalOutput

/// `sobre import braze`.
struct ImportBraze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "braze",
        abstract: "Convert Braze templates to Sobre's dialect of Liquid.",
        usage: "sobre import braze <file> ... [<options>]",
        discussion: """
            Reports every place that was changed or cannot be converted, then parses the result as the server does. A single \
            file is written to standard output and the report to standard error:

              sobre import braze welcome.html > Templates/welcome/email.html.liquid
              sobre import braze export/ --output converted/
              sobre import braze old/*.liquid --in-place

            In a folder, every .liquid, .html, .htm and .txt file below it is converted.
            Status: 0 everything is converted, 1 something must be done by hand.
            """)

    @Argument(help: ArgumentHelp("Template files or folders; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Write the results below this folder.", valueName: "folder"))
    var output: String?

    @Flag(name: .long, help: "Replace each original with its result.")
    var inPlace = false

    @Flag(name: .long, help: "Overwrite existing results.")
    var force = false

    @OptionGroup var shown: FormatOptions

    func validate() throws {
        if inPlace, output != nil { throw ValidationError("Give either --output or --in-place, not both.") }
        if inPlace, files.contains("-") { throw ValidationError("Standard input cannot be written in place.") }
    }

    func run() async throws {
        let place: BrazeImporter.Place = inPlace ? .inPlace : output.map { .folder($0) } ?? .standardOutput
        let results = try BrazeImporter(place: place, overwrites: force).run(files)
        let report = shown.format == .json ? BrazeReport.json(results) : BrazeReport.text(results)
        Console.write(report, to: place == .standardOutput ? STDERR_FILENO : STDOUT_FILENO)
        if !results.allSatisfy(\.isComplete) { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}
