import ArgumentParser
import JSON
import SobreDelivery
import SobreModel
import SobreNode
import SobreSettings
import TerminalOutput

extension Providers {
    /// `sobre providers test`.
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send one real message by a configured provider, and show its answer.",
            usage: "sobre providers test <name> --to <address> [<options>]",
            discussion: """
                Uses the code and the connections of the server. No rule restrains the message, and nothing is recorded: \
                a receipt of it matches no message.

                Example:  sobre providers test twilio --to +12025550100
                          sobre providers test relay --to me@example.com

                Status: 0 accepted, 1 not.
                """)

        @Argument(help: "The provider's name in the settings.")
        var name: String

        @Option(help: ArgumentHelp("An email address, a number or a device token.", valueName: "address"))
        var to: String

        @Option(help: ArgumentHelp("Of a device token: android, ios or web.", valueName: "platform"))
        var platform: String?

        @Option(help: "The words of the message.")
        var text = "A trial of this provider by Sobre."

        @OptionGroup var settings: SettingsOptions
        @OptionGroup var output: FormatOptions

        func run() async throws {
            let settings = try settings.load()
            let setup = try ProviderSetup(settings: settings, environment: .process)
            if let fault = setup.faults[name] { throw CommandFailure(.negative, fault) }
            guard let member = setup.members.first(where: { $0.provider.name == name }) else {
                let known = settings.providers.map(\.name).joined(separator: ", ")
                throw CommandFailure(
                    .negative,
                    "No provider \(Console.harmless(name)) is set up. "
                        + (known.isEmpty ? "Add one under providers: in the settings." : "Use one of \(known)."))
            }
            let result = try await ProviderTrial(settings: settings, provider: member.provider)
                .send(to: to, platform: platform, text: text)
            let isAccepted = result.outcome.kind.proof == .sent
            if output.format == .json {
                Console.print(bytes: json(result))
            } else {
                let terminal = output.terminal
                let word = result.outcome.kind.rawValue
                let milliseconds = result.duration / .milliseconds(1)
                Console.print(
                    "\((isAccepted ? Style.good : Style.bad).paint(word, on: terminal))  "
                        + "\(name), in \(Int(milliseconds.rounded())) ms")
                if let id = result.outcome.providerID { Console.print("  provider's id  \(Console.harmless(id))") }
                Console.print("  our reference  \(result.delivery)")
                if !result.outcome.detail.isEmpty {
                    Console.print("  answer         \(Console.harmless(result.outcome.detail))")
                }
            }
            if !isAccepted { throw ExitCode(ExitStatus.negative.rawValue) }
        }

        private func json(_ result: ProviderTrial.Result) -> [UInt8] {
            var writer = JSONWriter()
            writer.object { writer in
                writer.member("provider", ifPresent: name)
                writer.member("outcome", ifPresent: result.outcome.kind.rawValue)
                writer.member("provider_id", ifPresent: result.outcome.providerID)
                writer.member("reference", ifPresent: result.delivery.description)
                writer.member("detail", ifPresent: result.outcome.detail.isEmpty ? nil : result.outcome.detail)
            }
            writer.newline()
            return writer.take()
        }
    }
}
