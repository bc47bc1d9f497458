import ArgumentParser
import SobreNode
import SobreSettings

/// `sobre serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway: accept messages, decide, send, record.",
        discussion: """
            Reads Config/sobre.yaml (or --config), owns its data directory, and listens on loopback until an API key \
            exists. SIGTERM or Ctrl-C drains what is in flight and stops within 30 s. Templates and the policy are read \
            again when their files change, everything by sobre reload or SIGHUP.

            Example:  sobre serve --config /etc/sobre/sobre.yaml
            """)

    @Option(help: ArgumentHelp("The settings; see Config/sobre.yaml.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Write the port here as JSON once it is ready.", valueName: "file"))
    var portFile: String?

    @Flag(
        help: """
            Use this on the first start from a backup. Messages that may have been sent since the backup, and messages \
            under caps, are held with the reason restored until a start without this option.
            """)
    var restored = false

    func run() async throws {
        let settings = try Settings.load(path: config)
        let level = LogLevel(settings.log.level)
        try await NodeServer.run(
            settings, isRestored: restored, portFile: portFile, logger: LogOutput.logger(settings.log.format, level)
        ) { level.set($0) }
    }
}
