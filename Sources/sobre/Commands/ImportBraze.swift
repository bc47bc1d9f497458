import ArgumentParser
import Glibc

/// `sobre import braze`.
struct ImportBraze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "braze",
        abstract: "Turn templates of Braze into Sobre's dialect of Liquid.",
        usage: "sobre import braze <file> ... [<options>]",
        discussion: """
            Says place by place what was changed and what it cannot convert, then reads the result the way the server \
            will. One file alone is written to standard output and the report to standard error:

              sobre import braze welcome.html > Templates/welcome/email.html.liquid
              sobre import braze export/ --output converted/
              sobre import braze old/*.liquid --in-place

            Of a folder every .liquid, .html, .htm and .txt below it is taken.
            Status: 0 all is converted, 1 something needs you.
            """)

    @Argument(help: ArgumentHelp("Template files or folders; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Write the results below this folder.", valueName: "folder"))
    var output: String?

    @Flag(name: .long, help: "Write each result over its original.")
    var inPlace = false

    @Flag(name: .long, help: "Overwrite results that are there already.")
    var force = false

    @OptionGroup var shown: FormatOptions

    func validate() throws {
        if inPlace, output != nil { throw ValidationError("Give either --output or --in-place, not both.") }
        if inPlace, files.contains("-") { throw ValidationError("Standard input has no place to be written back to.") }
    }

    func run() async throws {
        let place: BrazeImporter.Place = inPlace ? .inPlace : output.map { .folder($0) } ?? .standardOutput
        let results = try BrazeImporter(place: place, overwrites: force).run(files)
        let report = shown.format == .json ? BrazeReport.json(results) : BrazeReport.text(results)
        Console.write(report, to: place == .standardOutput ? STDERR_FILENO : STDOUT_FILENO)
        if !results.allSatisfy(\.isComplete) { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}
