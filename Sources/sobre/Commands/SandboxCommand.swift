import ArgumentParser
import Files
import JSON
import Logging
import ServiceLifecycle
import SobreModel
import SobreSandbox
import TerminalOutput
import UnixSignals

/// `sobre sandbox`.
struct SandboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sandbox",
        abstract: "A local stand-in for the providers of every channel: nothing leaves this machine.",
        discussion: """
            Accepts SMTP and the HTTP requests of the shipped providers, records what it receives, shows it on a page, and \
            injects faults on request. The shipped Config/sobre.yaml points to it.

            Example:  sobre sandbox
                      sobre sandbox --faults "429=5%,reset=1%,latency=20ms..80ms" --seed 7
                      sobre sandbox messages --person ann
            """,
        subcommands: [Run.self, Messages.self], defaultSubcommand: Run.self)

    /// The default directory: `run` writes its record there, and `messages` reads it.
    static let usualDirectory = "data/sandbox"

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Receive until Ctrl-C (the default).", usage: "sobre sandbox run [<options>]")

        @Option(help: "The address to listen on; keep it a loopback address, any credentials are accepted.")
        var host = "127.0.0.1"

        @Option(
            help: ArgumentHelp(
                "Another name under which HTTP requests may come, such as a container's; several times for several.",
                valueName: "name"))
        var allowHost: [String] = []

        @Option(help: "The port for HTTP; 0 chooses a free one.")
        var httpPort = 8490

        @Option(help: "The port for SMTP; 0 chooses a free one.")
        var smtpPort = 8425

        @Option(help: ArgumentHelp("Keep the record (received.ndjson) here.", valueName: "folder"))
        var directory = SandboxCommand.usualDirectory

        @Flag(help: "Also keep every message's body as a file.")
        var bodies = false

        @Option(
            help: ArgumentHelp(
                "Faults, such as 429=5%,5xx=2%,reset=1%,latency=20ms..80ms.", valueName: "plan"))
        var faults: String?

        @Option(help: "The same seed gives the same faults.")
        var seed: UInt64 = 1

        @Option(help: ArgumentHelp("Refuse webhooks that are not signed with this secret.", valueName: "whsec"))
        var webhookSecret: String?

        @Option(
            help: ArgumentHelp(
                "Send receipts, such as delivered=95%,opened=40%,bounced=2%,delay=10ms..2s.",
                valueName: "plan"))
        var receipts: String?

        @Option(
            help: ArgumentHelp(
                "Where to send receipts; {provider} and {channel} are filled in. A message's own callback takes precedence.",
                valueName: "url"))
        var receiptsURL = "http://127.0.0.1:8480/v1/receipts/sandbox-mail"

        @Option(help: ArgumentHelp("Sign receipts with this secret.", valueName: "whsec"))
        var receiptsSecret: String?

        @Option(help: ArgumentHelp("Write the ports here as JSON once it is ready.", valueName: "file"))
        var portFile: String?

        func run() async throws {
            var configuration = SandboxConfiguration()
            configuration.host = host
            configuration.allowedHosts = allowHost
            configuration.httpPort = httpPort
            configuration.smtpPort = smtpPort
            configuration.directory = FilePath.resolve(directory, from: FilePath.working)
            configuration.storesBodies = bodies
            configuration.seed = seed
            configuration.webhookSecret = webhookSecret
            let sandbox: RunningSandbox
            do {
                if let faults { configuration.faults = try FaultPlan(parsing: faults) }
                if let receipts {
                    var plan = ReceiptPlan(url: receiptsURL, secret: receiptsSecret)
                    try plan.read(receipts)
                    configuration.receipts = plan
                }
                try Self.makeFolder(configuration.directory ?? "")
                sandbox = try await Sandbox.start(configuration)
            } catch let error as SandboxError {
                throw CommandFailure(.unavailable, "\(error)")
            }
            if let portFile {
                let ports = "{\"http\": \(sandbox.httpPort), \"smtp\": \(sandbox.smtpPort)}\n"
                try TextFile.replace(portFile, with: ports)
            }
            Console.printError(
                "The sandbox is listening: page and providers on http://\(host):\(sandbox.httpPort), SMTP on \(host):\(sandbox.smtpPort)."
            )
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(
                    services: [
                        .init(
                            service: SandboxService(sandbox: sandbox),
                            successTerminationBehavior: .gracefullyShutdownGroup),
                        .init(service: HangUpNotice()),
                    ],
                    gracefulShutdownSignals: [.sigterm, .sigint],
                    logger: Logger(label: "sandbox") { _ in SwiftLogNoOpLogHandler() }))
            try await group.run()
        }

        /// Creates the folder and its parents.
        private static func makeFolder(_ path: String) throws {
            do { try Folder.make(path) } catch {
                throw CommandFailure(.io, "\(error) Choose another folder with --directory.")
            }
        }
    }

    struct Messages: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what the sandbox received, newest last.", usage: "sobre sandbox messages [<options>]",
            discussion: "Example:  sobre sandbox messages --person ann --channel email")

        @Option(help: ArgumentHelp("Only messages to this person.", valueName: "id"))
        var person: String?

        @Option(help: "Only one channel: \(ReceivedMessage.Channel.allCases.map(\.rawValue).joined(separator: ", ")).")
        var channel: String?

        @Option(name: .shortAndLong, help: "Show at most this many, the newest.")
        var limit = 50

        @Option(help: ArgumentHelp("Where the sandbox keeps its record.", valueName: "folder"))
        var directory = SandboxCommand.usualDirectory

        @OptionGroup var output: FormatOptions

        func run() async throws {
            let path = FilePath.resolve(directory, from: FilePath.working) + "/received.ndjson"
            guard TextFile.exists(path) else {
                throw CommandFailure(
                    .noInput,
                    "There is no record \(FilePath.forDisplay(path)). Start sobre sandbox, or name its --directory.")
            }
            var messages = try ReceivedMessages.load(path).messages
            if let person { messages = messages.filter { $0.person == person } }
            if let channel, ReceivedMessage.Channel(rawValue: channel) == nil {
                throw ValidationError(
                    "There is no channel \(Console.harmless(channel)). There are "
                        + "\(ReceivedMessage.Channel.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            if let channel { messages = messages.filter { "\($0.channel)" == channel } }
            let newest = Array(messages.suffix(max(1, limit)))
            if output.format == .json {
                var writer = JSONWriter()
                for message in newest {
                    Self.write(message, to: &writer)
                    writer.newline()
                }
                Console.print(bytes: writer.take())
            } else {
                Console.print(SandboxTable.messages(newest, width: output.terminal.width))
            }
        }

        private static func write(_ message: ReceivedMessage, to writer: inout JSONWriter) {
            writer.object { writer in
                writer.key("sequence")
                writer.value(message.seq)
                writer.member("at", ifPresent: Instant(milliseconds: message.instant).rfc3339)
                writer.member("channel", ifPresent: "\(message.channel)")
                writer.member("provider", ifPresent: message.provider)
                writer.member("person", ifPresent: message.person)
                writer.member("to", ifPresent: message.to)
                writer.member("title", ifPresent: message.title)
                writer.member("text", ifPresent: message.text)
                writer.member("reference", ifPresent: message.reference)
                writer.member("campaign", ifPresent: message.campaign)
                writer.member("category", ifPresent: message.category)
                writer.member("fault", ifPresent: message.fault)
                writer.key("accepted")
                writer.value(message.accepted)
            }
        }
    }
}

/// The sandbox as a service. It ends on a signal or on `POST /_sandbox/shutdown`.
private struct SandboxService: Service {
    let sandbox: RunningSandbox

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await sandbox.wait() }
            group.addTask { try? await gracefulShutdown() }
            await group.next()
            await sandbox.stop()
            group.cancelAll()
        }
    }
}

/// Survives SIGHUP, which a terminal sends when it closes, and says so.
private struct HangUpNotice: Service {
    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        await cancelWhenGracefulShutdown {
            for await _ in signals { Console.printError("SIGHUP is ignored: the sandbox has nothing to read again.") }
        }
    }
}
