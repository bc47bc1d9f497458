import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreProviders
import SobreSettings
import TerminalOutput

extension Providers {
    /// `sobre providers check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Check every manifest and every configured provider without calling it, or one provider with its DNS.",
            usage: "sobre providers check [<name>] [--resolver <address>]",
            discussion: """
                Without a name it runs every manifest's examples offline and reads the settings of all providers. With a \
                name it checks that provider, and for one of email what DNS says of the domains that it sends for: SPF of \
                the envelope's sender, the DKIM keys that sign, DMARC of the From addresses of templates and settings.

                Example:  sobre providers check
                          sobre providers check relay
                          sobre providers check relay --resolver 9.9.9.9

                Status: 0 nothing is wrong, 1 something is. What no resolver answers is not wrong.
                """)

        @Argument(help: "A provider's name in the settings.")
        var name: String?

        @Option(
            help: ArgumentHelp(
                "The resolver to ask in place of the system's: an IP address, with :PORT if it is not 53.",
                valueName: "address"))
        var resolver: String?

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func validate() throws {
            if let resolver, TXTResolver.Server(resolver) == nil {
                throw ValidationError(
                    "--resolver is not an address: \(resolver). Write it as 9.9.9.9 or 127.0.0.1:5353.")
            }
            if name == nil, resolver != nil || output.format == .json {
                throw ValidationError(
                    "--resolver and --format json are for one provider. Name it, as in sobre providers check relay.")
            }
        }

        func run() async throws {
            let settings = try settings.load()
            let setup = try ProviderSetup(settings: settings, environment: .process)
            let isRight = try name.map { try checkOne($0, settings, setup) } ?? checkAll(settings, setup)
            if !isRight { throw ExitCode(ExitStatus.negative.rawValue) }
        }

        // MARK: All

        private func checkAll(_ settings: Settings, _ setup: ProviderSetup) throws -> Bool {
            var isRight = true
            for manifest in try ProviderSetup.manifests(in: settings.paths.providers) {
                let results = ManifestCheck.run(manifest)
                let failed = results.filter { !$0.passed }
                Console.print(
                    mark(failed.isEmpty, "valid")
                        + "  \(manifest.name): \(results.count - failed.count) of \(results.count) examples pass")
                for result in failed { Console.print("       \(result)") }
                isRight = isRight && failed.isEmpty
            }
            for instance in settings.providers {
                let fault = setup.faults[instance.name]
                Console.print("\(mark(fault == nil, "ready"))  \(fault ?? "\(instance.name) (\(instance.type))")")
                isRight = isRight && fault == nil
            }
            return isRight
        }

        private func mark(_ isRight: Bool, _ word: String) -> String {
            isRight ? Style.good.paint(word, on: output.terminal) : Style.bad.paint("wrong", on: output.terminal)
        }

        // MARK: One

        private func checkOne(_ name: String, _ settings: Settings, _ setup: ProviderSetup) throws -> Bool {
            guard let instance = settings.providers.first(where: { $0.name == name }) else {
                let known = settings.providers.map(\.name).joined(separator: ", ")
                throw CommandFailure(
                    .negative,
                    "No provider \(Console.harmless(name)) is set up. "
                        + (known.isEmpty ? "Add one under providers: in the settings." : "Use one of \(known)."))
            }
            let fault = setup.faults[name]
            let servers = resolver.flatMap { TXTResolver.Server($0) }.map { [$0] } ?? TXTResolver.systemServers()
            var findings: [MailDomainFinding]?
            if fault == nil,
                let identity = try setup.factory.mailIdentity(of: instance, senders: settings.mailSenders())
            {
                findings = MailDomainCheck(identity, resolver: TXTResolver(servers: servers)).run()
            }
            switch output.format {
            case .text: show(instance, fault, findings)
            case .json: Console.print(bytes: json(instance, fault, findings))
            }
            return fault == nil && findings?.contains { $0.state == .wrong } != true
        }

        private func show(_ instance: ProviderInstance, _ fault: String?, _ findings: [MailDomainFinding]?) {
            Console.print("\(mark(fault == nil, "ready"))  \(fault ?? "\(instance.name) (\(instance.type))")")
            guard let findings else { return }
            Console.print("")
            if findings.isEmpty {
                Console.print("No template and no setting names a sender of email, so there is no domain to look for.")
                return
            }
            var table = Table([
                .init("record"), .init("name", shrinksTo: 20), .init("state"),
                .init("found", shrinksTo: 20, wraps: true),
            ])
            for finding in findings {
                table.add([
                    .init(finding.record.rawValue), .init(Console.harmless(finding.name)),
                    .init(finding.state.rawValue, finding.state.style), .init(Console.harmless(finding.detail)),
                ])
            }
            Console.print(table.lines(for: output.terminal))
            guard let unknown = findings.first(where: { $0.state == .unknown }) else { return }
            Console.print("")
            Console.print(
                TextWidth.wrap(
                    "DNS was not asked further: \(unknown.detail). Name another resolver with --resolver ADDRESS.",
                    to: max(40, output.terminal.width - 2)))
        }

        private func json(
            _ instance: ProviderInstance, _ fault: String?, _ findings: [MailDomainFinding]?
        ) -> [UInt8] {
            var writer = JSONWriter(indentation: 2)
            writer.object { writer in
                writer.member("name", ifPresent: instance.name)
                writer.member("type", ifPresent: instance.type)
                writer.member("fault", ifPresent: fault)
                guard let findings else { return }
                writer.key("dns")
                writer.array { writer in
                    for finding in findings {
                        writer.object { writer in
                            writer.member("record", ifPresent: finding.record.rawValue)
                            writer.member("name", ifPresent: finding.name)
                            writer.member("state", ifPresent: finding.state.rawValue)
                            writer.member("detail", ifPresent: finding.detail)
                        }
                    }
                }
            }
            writer.newline()
            return writer.take()
        }
    }
}

extension MailDomainFinding.State {
    fileprivate var style: Style? {
        switch self {
        case .good: .good
        case .warning: .warning
        case .wrong: .bad
        case .unknown: nil
        }
    }
}
