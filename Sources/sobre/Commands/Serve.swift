import ArgumentParser
import Files
import Glibc
import JSON
import Logging
import Metrics
import ServiceLifecycle
import Signing
import SobreAdmission
import SobreHTTP
import SobreSettings
import SobreStore
import UnixSignals

/// `sobre serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the gateway: take messages, decide, send, record.",
        discussion: """
            Reads Config/sobre.yaml (or --config), owns its data directory, and listens on loopback until an API key \
            exists. SIGTERM or Ctrl-C drains what is in flight and stops within 30 s. Templates and the policy are read \
            again when their files change.

            Example:  sobre serve --config /etc/sobre/sobre.yaml
            """)

    @Option(help: ArgumentHelp("The settings; see Config/sobre.yaml.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Write the port here as JSON once it is ready.", valueName: "file"))
    var portFile: String?

    @Flag(
        help: """
            The data come from a backup: hold what was accepted before now and what caps restrain, with the reason \
            restored, until a start without this.
            """)
    var restored = false

    func run() async throws {
        let settings = try Settings.load(path: config)
        let logger = LogOutput.logger(settings.log)
        let metrics = PrometheusFactory()
        MetricsSystem.bootstrap(metrics)
        OpenFiles.raise(to: OpenFiles.needed(by: settings))
        let node = try await Node.open(settings, isRestored: restored, logger: logger)
        if restored { logger.warning("the data were restored: what may have been sent since the backup is held") }
        let mark = ServerMark(directory: settings.data.directory)
        let monitor = NodeMonitor(node: node, logger: logger)
        let receipts = node.receiptProcessor(logger: logger)
        let server = server(
            node, metrics: metrics, mark: mark, monitor: monitor,
            receipts: ReceiptSetup(
                settings: settings, factory: node.providers, processor: receipts, logger: logger), logger: logger)
        let pruner = Pruner(
            store: node.store, retention: settings.retention, policy: node.policy, time: node.time, logger: logger)
        var configuration = ServiceGroupConfiguration(
            // They stop in the reverse order: the dispatcher first, so that nothing is begun while clients are let go.
            services: [
                .init(service: Periodic(interval: .seconds(1)) { await node.reload(logger: logger) }),
                .init(service: Periodic(interval: .seconds(1)) { await monitor.observe() }),
                .init(
                    service: Periodic(interval: settings.retention.interval) {
                        await pruner.prune()
                        await pruner.pruneReceipts(store: node.store, keep: settings.receipts.keep)
                    }),
                .init(service: receipts), .init(service: server), .init(service: node.dispatcher),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // A client that drips its request cannot hold the stop.
        configuration.maximumGracefulShutdownDuration = .seconds(29)
        let group = ServiceGroup(configuration: configuration)
        // The first numbers are there with the first question.
        await monitor.observe()
        do {
            try await group.run()
        } catch {
            mark.remove()
            await node.close()
            throw error
        }
        mark.remove()
        await node.close()
        logger.notice("stopped")
    }

    private func server(
        _ node: Node, metrics: PrometheusFactory, mark: ServerMark, monitor: NodeMonitor, receipts: ReceiptSetup,
        logger: Logger
    ) -> HTTPServer {
        var limits = HTTPLimits()
        let settings = node.settings.server
        limits.maxBodyBytes = settings.maxBodyBytes
        limits.maxBatchBytes = settings.maxBatchBytes
        limits.maxConnections = settings.maxConnections
        limits.headerTimeout = settings.headerTimeout
        limits.bodyTimeout = settings.bodyTimeout
        let dryRunner = DryRunner(store: node.store, policy: node.policy, time: node.time)
        let ownerKey = "sobre_\(Hex.encode(randomBytes(32)))"
        let services = APIServices(
            intake: node.intake, store: node.store, dryRun: { try await dryRunner.decide($0) }, metrics: metrics,
            clock: node.time, ownerKey: ownerKey, receipts: receipts,
            withdrawals: node.withdrawals, condition: { await monitor.condition() })
        let portFile = portFile
        return HTTPServer(
            settings: .init(host: settings.host, port: settings.port, limits: limits), services: services,
            logger: logger,
            onListening: { host, port in
                logger.notice(
                    "ready", metadata: ["address": "http://\(host):\(port)", "policy": "\(node.policy.policy.version)"])
                do {
                    try mark.write(url: "http://\(host):\(port)", ownerKey: ownerKey)
                    if let portFile { try TextFile.replace(portFile, with: "{\"http\": \(port)}\n") }
                } catch { logger.error("the address could not be written down", metadata: ["why": "\(error)"]) }
            })
    }
}
