import ArgumentParser
import BrazeImporting
import Files
import Glibc
import SobreSettings
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

              sobre import braze welcome.html --template welcome
              sobre import braze welcome.html > welcome.liquid
              sobre import braze export/ --output converted/
              sobre import braze old/*.liquid --in-place

            In a folder, every .liquid, .html, .htm and .txt file below it is converted.
            Status: 0 everything is converted, 1 something must be done by hand.
            """)

    @Argument(help: ArgumentHelp("Template files or folders; - is standard input.", valueName: "file"))
    var files: [String]

    @Option(name: .shortAndLong, help: ArgumentHelp("Write the results below this folder.", valueName: "folder"))
    var output: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write the result into this template, whose folder is made if there is none.", valueName: "name"))
    var template: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --template: the part, such as sms.liquid. Default: by the file's name.", valueName: "part"))
    var part: String?

    @Flag(name: .long, help: "Replace each original with its result.")
    var inPlace = false

    @Flag(name: .long, help: "Overwrite existing results.")
    var force = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var shown: FormatOptions

    func validate() throws {
        if template != nil, inPlace || output != nil {
            throw ValidationError("Give --template, --output or --in-place, not several.")
        }
        if part != nil, template == nil { throw ValidationError("--part says where in a --template the result goes.") }
        if let part, !part.hasSuffix(".liquid") || part.contains("/") {
            throw ValidationError("\(part) is not a part of a template. Parts are files such as email.html.liquid.")
        }
        if inPlace, output != nil { throw ValidationError("Give either --output or --in-place, not both.") }
        if inPlace, files.contains("-") { throw ValidationError("Standard input cannot be written in place.") }
    }

    func run() async throws {
        let place = try place()
        let results = try BrazeImporter(place: place, overwrites: force).run(files)
        let report = shown.format == .json ? BrazeReport.json(results) : BrazeReport.text(results)
        Console.write(report, to: place == .standardOutput ? STDERR_FILENO : STDOUT_FILENO)
        if place == .standardOutput, let file = results.first?.file {
            Console.printError(
                "To write it into a template: sobre import braze \(Console.harmless(file)) --template NAME")
        }
        if case .template(let root, let name, _) = place {
            let folder = FilePath.forDisplay("\(root)/\(name)")
            Console.print("Written into \(folder). sobre templates says what it still needs.")
        }
        if !results.allSatisfy(\.isComplete) { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private func place() throws -> BrazeImporter.Place {
        if let template {
            return .template(folder: try settings.load().paths.templates, name: template, part: part)
        }
        return inPlace ? .inPlace : output.map { .folder($0) } ?? .standardOutput
    }
}
