import ArgumentParser
import Files
import Glibc
import SobreClient
import SobreIntake
import SobreNode
import SobrePreview
import SobreRendering
import SobreSettings
import SobreStore
import TerminalOutput
import YAMLDocument

/// The command `sobre`.
@main
struct Sobre: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sobre",
        abstract: "Sends messages by email, SMS, push and WhatsApp, and knows when not to.",
        discussion: """
            Try it without any account:
              sobre demo                               replays real purchases
              sobre sandbox                            a local stand-in for providers
              sobre init FOLDER                        a configuration to start from
              sobre serve                              the server
              sobre profiles import people.ndjson      who they are
              sobre enqueue messages.ndjson            what to send
              sobre logs --follow                      what happened to it
              sobre explain ID                         and why
              sobre preview cart-abandoned --as maria  what it looks like

            Settings: --config FILE, SOBRE_CONFIG, Config/sobre.yaml or /etc/sobre/sobre.yaml; \
            SOBRE_<SECTION>_<KEY> replaces single values.
            Exit status: \(ExitStatus.summary).
            """,
        version: ProgramVersion.current,
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [InitCommand.self, Serve.self, Demo.self, SandboxCommand.self]),
            CommandGroup(
                name: "Send",
                subcommands: [
                    Enqueue.self, Cancel.self, Retry.self, Profiles.self, Preview.self, Templates.self, Import.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    Queue.self, Logs.self, Show.self, Explain.self, TimelineCommand.self, Receipts.self, Inbound.self,
                    Sources.self,
                ]),
            CommandGroup(
                name: "Operate",
                subcommands: [
                    PauseCommand.self, ResumeCommand.self, PausesCommand.self, Suppressions.self, Consents.self,
                    Keys.self, Providers.self, PolicyCommand.self, Simulate.self, Doctor.self, Backup.self,
                    Events.self, Export.self, Audit.self, ReloadCommand.self, StatusCommand.self,
                ]),
        ])

    /// Runs the program. Unlike ArgumentParser's `main`, it reports each of our errors as one message with its own exit
    /// status.
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            guard let status = status(of: error) else {
                if let sentence = CommandSuggestion.sentence(for: CommandLine.arguments.dropFirst(), in: Self.self) {
                    Console.printError("sobre: \(sentence)")
                    Glibc.exit(ExitStatus.usage.rawValue)
                }
                exit(withError: error)
            }
            // Words of others, such as a server's, may be among them. The line breaks are ours.
            let lines = "\(error)".split(separator: "\n", omittingEmptySubsequences: false)
            Console.printError("sobre: " + lines.map { Console.harmless(String($0)) }.joined(separator: "\n"))
            Glibc.exit(status.rawValue)
        }
    }

    private static func status(of code: ClientError.Code) -> ExitStatus {
        switch code {
        case .unavailable: .unavailable
        case .noPermission: .noPermission
        case .rejected: .data
        case .refused: .negative
        }
    }

    private static func status(of code: PreviewError.Code) -> ExitStatus {
        switch code {
        case .nobody: .usage
        case .unknown: .noInput
        case .data: .data
        }
    }

    /// The exit status of one of our errors; nil for errors of the command line, which ArgumentParser reports.
    private static func status(of error: any Error) -> ExitStatus? {
        switch error {
        case let failure as CommandFailure: failure.status
        case let error as FileError: error.isMissing ? .noInput : .io
        case is SettingsError, is YAMLError, is TemplateError: .configuration
        // The address is in use now and may be free later, which is what EX_UNAVAILABLE means.
        case is ListenError: .unavailable
        case is NoDataError: .noInput
        case let error as PreviewError: status(of: error.code)
        case is IntakeProblem: .negative
        case let error as ClientError: status(of: error.code)
        case let error as StoreError:
            switch error.code {
            case .locked, .overloaded, .closed: .unavailable
            case .full, .io: .io
            case .incompatible, .corrupt, .cursor: .data
            case .internal: .software
            }
        case is CleanExit, is ValidationError, is ExitCode: nil
        default: "\(type(of: error))".hasPrefix("Command") || "\(type(of: error))" == "ParserError" ? nil : .software
        }
    }
}
