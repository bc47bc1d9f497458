import ArgumentParser
import JSON
import SobreDelivery
import SobreModel
import SobreNode
import SobreProviders
import SobreSettings
import TerminalOutput

/// `sobre providers`.
struct Providers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Providers: list, show, check, test, schema.",
        discussion: """
            A provider is a manifest (Providers/*.yaml) or one of the built-in smtp, file and web-push, set up under a \
            name in the settings.

            Example:  sobre providers list
                      sobre providers check relay
                      sobre providers test twilio --to +12025550100
            """,
        subcommands: [List.self, Show.self, Check.self, Test.self, Schema.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the configured providers and the available types.")

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let settings = try settings.load()
            let setup = try ProviderSetup(settings: settings, environment: .process)
            let types =
                try ProviderSetup.manifests(in: settings.paths.providers).map(\.name).sorted()
                + ProviderInstance.builtInTypes
            if output.format == .json {
                var writer = JSONWriter()
                for instance in settings.providers {
                    writer.object { writer in
                        writer.member("name", ifPresent: instance.name)
                        writer.member("type", ifPresent: instance.type)
                        writer.member("channel", ifPresent: channel(of: instance.name, setup)?.description)
                        writer.member("route", ifPresent: place(of: instance.name, setup))
                        writer.member("fault", ifPresent: setup.faults[instance.name])
                    }
                    writer.newline()
                }
                Console.print(bytes: writer.take())
                return
            }
            if settings.providers.isEmpty {
                Console.print(
                    "No provider is set up: every message is held. Add some under providers: in the settings.")
            } else {
                Console.print(table(settings, setup).lines(for: output.terminal))
            }
            for (name, fault) in setup.faults.sorted(by: { $0.key < $1.key }) {
                Console.print("")
                Console.print(TextWidth.wrap("\(name): \(fault)", to: 78))
            }
            Console.print("")
            Console.print("Available types: \(types.joined(separator: ", ")).")
        }

        private func table(_ settings: Settings, _ setup: ProviderSetup) -> Table {
            var table = Table([
                .init("name"), .init("type"), .init("channel"), .init("route"), .init("limit"),
                .init("state", shrinksTo: 8),
            ])
            for instance in settings.providers {
                let member = setup.members.first { $0.provider.name == instance.name }
                let rate = member?.limits.rate.map { "\(Int($0.rounded())) per second" } ?? "none"
                table.add([
                    .init(instance.name), .init(instance.type),
                    .init(channel(of: instance.name, setup)?.description ?? "?"),
                    .init(place(of: instance.name, setup) ?? "unused"), .init(member == nil ? "" : rate),
                    setup.faults[instance.name] == nil ? .init("ready", .good) : .init("not usable", .bad),
                ])
            }
            return table
        }

        private func channel(of name: String, _ setup: ProviderSetup) -> Channel? {
            setup.members.first { $0.provider.name == name }?.provider.channel
        }

        /// The provider's place in its channel's route; nil if no route uses it.
        private func place(of name: String, _ setup: ProviderSetup) -> String? {
            setup.routes.values.lazy.compactMap { $0.place(of: name) }.first
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the settings and capabilities of a provider type.")

        @Argument(help: "A manifest's name, such as twilio.")
        var type: String

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var width: WidthOptions

        func run() async throws {
            let manifests = try ProviderSetup.manifests(in: settings.load().paths.providers)
            guard let manifest = manifests.first(where: { $0.name == type }) else {
                let known = manifests.map(\.name).sorted().joined(separator: ", ")
                throw CommandFailure(
                    .negative,
                    "There is no manifest \(Console.harmless(type)). Use one of \(known); \(ProviderInstance.builtInTypes.joined(separator: ", ")) are built in."
                )
            }
            var lines = ["\(manifest.name): \(manifest.channels.sorted().map(\.description).joined(separator: ", "))"]
            if let version = manifest.version { lines.append("  API version   \(version)") }
            if let docs = manifest.docs { lines.append("  documentation \(docs)") }
            lines.append("  verified      \(manifest.verified.rawValue)")
            if let evidence = manifest.evidence { lines.append("  evidence      \(evidence)") }
            lines.append("  idempotency: \(manifest.idempotency)")
            if let rate = manifest.limits.rate { lines.append("  limit         \(rate) calls per second") }
            Console.print(lines)
            var table = Table([.init("takes"), .init("kind"), .init("needed"), .init("default", shrinksTo: 10)])
            for setting in manifest.settings {
                table.add([
                    .init(setting.name), .init(setting.isSecret ? "secret" : "setting"),
                    .init(setting.isOptional || setting.fallback != nil ? "no" : "yes"), .init(setting.fallback ?? ""),
                ])
            }
            Console.print("")
            Console.print(table.lines(for: width.terminal))
        }
    }

    struct Schema: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the JSON Schema of manifests, with which editors complete and check them.",
            discussion: "It is published as Providers/manifest.schema.json.")

        func run() throws { Console.print(bytes: Array(ManifestSchema.text.utf8)) }
    }
}
