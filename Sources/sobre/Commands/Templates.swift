import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreRendering
import SobreSettings
import TerminalOutput

/// `sobre templates`.
struct Templates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List templates.", subcommands: [List.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List templates with their channels and samples, and broken ones with their error.",
            discussion: "Status: 0 all can be used, 1 one is broken.")

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let loaded = try settings.load()
            let snapshot = loaded.checked(try loaded.templateCatalogue().snapshot)
            if output.format == .json {
                Console.print(bytes: json(snapshot))
            } else {
                show(snapshot)
            }
            if !snapshot.broken.isEmpty { throw ExitCode(ExitStatus.negative.rawValue) }
        }

        private func show(_ snapshot: CatalogueSnapshot) {
            var table = Table([
                .init("name"), .init("version"), .init("category", shrinksTo: 9), .init("channels"),
                .init("locales", shrinksTo: 7), .init("samples", shrinksTo: 8),
            ])
            for template in snapshot.ready {
                table.add([
                    .init(template.manifest.name), .init(template.version, .quiet),
                    .init(template.manifest.category ?? "-"),
                    .init(template.manifest.channels.map(\.description).joined(separator: ", ")),
                    .init((["default"] + template.locales).joined(separator: ", ")),
                    .init(template.sampleNames.joined(separator: ", ")),
                ])
            }
            if !table.rows.isEmpty { Console.print(table.lines(for: output.terminal)) }
            for (name, error) in snapshot.broken {
                Console.print("")
                Console.print(Style.bad.paint("\(name) is broken; its messages are held:", on: .standardOutput))
                Console.print(error.report)
            }
            for template in snapshot.ready {
                for text in template.remarks { Console.print(Style.warning.paint(text, on: .standardOutput)) }
            }
            if let first = snapshot.ready.first(where: { !$0.sampleNames.isEmpty }) {
                Console.print("")
                Console.print("sobre preview \(first.manifest.name) --as \(first.sampleNames[0]) shows one.")
            }
        }

        private func json(_ snapshot: CatalogueSnapshot) -> [UInt8] {
            var writer = JSONWriter()
            for template in snapshot.ready {
                writer.object { writer in
                    writer.member("name", ifPresent: template.manifest.name)
                    writer.member("version", ifPresent: template.version)
                    writer.member("summary", ifPresent: template.manifest.summary)
                    writer.member("category", ifPresent: template.manifest.category)
                    writer.key("channels")
                    writer.value(template.manifest.channels.map(\.description))
                    writer.key("locales")
                    writer.value(template.locales)
                    writer.key("samples")
                    writer.value(template.sampleNames)
                    writer.key("reads")
                    writer.value(template.variablePaths)
                    if !template.remarks.isEmpty {
                        writer.key("remarks")
                        writer.value(template.remarks)
                    }
                }
                writer.newline()
            }
            for (name, error) in snapshot.broken {
                writer.object { writer in
                    writer.member("name", ifPresent: name)
                    writer.member("error", ifPresent: error.report)
                }
                writer.newline()
            }
            return writer.take()
        }
    }
}
