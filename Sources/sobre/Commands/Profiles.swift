import ArgumentParser
import JSON
import SobreHTTP
import SobreModel
import SobreSQLite

/// `sobre profiles`.
struct Profiles: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The people: import and show them.", subcommands: [Import.self, Show.self])

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take profiles from a file: one JSON object a line. One with a known id is replaced.",
            discussion: "Example:  sobre profiles import people.ndjson")

        @Argument(help: ArgumentHelp("An NDJSON file, or - for standard input.", valueName: "file"))
        var file: String

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let entrance = try await Entrance.open(settings.load())
            let report: BatchReport
            do {
                report = try await BatchRun(kind: .profiles, entrance: entrance).run(file)
            } catch {
                await entrance.close()
                throw error
            }
            await entrance.close()
            let status = report.show(("profile", "profiles"), from: file, taken: "stored", format: output.format)
            if status != .success { throw ExitCode(status.rawValue) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one person: addresses, consents, attributes.",
            discussion: """
                Example:  sobre profiles show ann

                Addresses are shown in full: the output is for the operator, not for a log.
                """)

        @Argument(help: "The person's id.")
        var id: String

        @OptionGroup var settings: SettingsOptions

        func run() async throws {
            let (_, reader) = try settings.openForReading()
            let profile = try await reader.profile(id)
            await reader.close()
            guard let profile else {
                throw CommandFailure(
                    .negative, "There is no profile \(id). sobre profiles import FILE brings people in.")
            }
            var writer = JSONWriter(indentation: 2)
            Wire.write(profile, to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        }
    }
}
