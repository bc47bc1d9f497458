import ArgumentParser
import Files
import JSON
import SobreNode
import SobrePreview
import SobreModel
import SobreRendering
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput

/// `sobre preview`.
struct Preview: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what a template looks like for one person on every channel, and whether it would be sent.",
        usage: "sobre preview <template> [--as <person>] [<options>]",
        discussion: """
            Uses the renderer and the decision of the server. Sends nothing, records nothing.

            Example:  sobre preview cart-abandoned --as maria
                      sobre preview order-confirmed --as ann --data @order.json
                      sobre preview win-back --channel email --html win-back.html

            Status: 0 every channel renders, 1 one does not.
            """)

    @Argument(help: "The template's name.")
    var template: String

    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "A person's id in the store, or a sample of the template. sample:NAME means the sample, also when a person has that id.",
            valueName: "person"))
    var person: String?

    @Option(help: ArgumentHelp("A profile as a JSON file, instead of the person's.", valueName: "file"))
    var profile: String?

    @Option(help: ArgumentHelp("The message's data: JSON, or @FILE.", valueName: "json"))
    var data: String?

    @Option(help: "Only this channel; may be repeated.")
    var channel: [Channel] = []

    @Option(help: ArgumentHelp("A different locale for the person, such as fr-FR.", valueName: "tag"))
    var locale: String?

    @Option(help: ArgumentHelp("A time other than now (RFC 3339).", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("Write the HTML part to this file, for a browser.", valueName: "file"))
    var html: String?

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        if let at, Instant(rfc3339: at) == nil {
            throw ValidationError("--at is not a time: \(at). Write it as 2026-11-21T18:00:00Z.")
        }
    }

    func run() async throws {
        let access = try settings.access()
        let catalogue = try access.settings.templateCatalogue()
        let found = try find(in: access.settings.checked(catalogue.snapshot))
        let now = at.flatMap { Instant(rfc3339: $0) } ?? SystemTime().now()
        let subject = try await PreviewSubject(
            person: person, profileFile: profile, data: data, template: found, catalogue: catalogue
        ) { name in
            access.hasData ? try await access.read { try await $0.profile(name) } : nil
        }.speaking(locale)
        let report = await PreviewReport(
            template: found, subject: subject, channels: channel, now: now,
            renderer: access.settings.previewRenderer(of: catalogue)
        ) { drafts in
            try await access.decide(drafts, subject: subject, at: at.flatMap { Instant(rfc3339: $0) })
        }
        if let html {
            guard let text = report.html else {
                throw CommandFailure(
                    .negative,
                    "There is no HTML part to write into \(html): the template has none, or it cannot be rendered.")
            }
            try TextFile.replace(html, with: text)
        }
        switch output.format {
        case .text: Console.print(PreviewView(report: report, terminal: output.terminal).lines())
        case .json: Console.print(bytes: report.json())
        }
        if report.hasFailure { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private func find(in snapshot: CatalogueSnapshot) throws -> MessageTemplate {
        switch snapshot[template] {
        case .ready(let found): return found
        case .broken(let error): throw CommandFailure(.configuration, error.report)
        case nil:
            let names = snapshot.names
            throw CommandFailure(
                .noInput,
                "There is no template \(Console.harmless(template)). Use one of \(names.joined(separator: ", ")).")
        }
    }
}
