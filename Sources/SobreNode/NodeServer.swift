import Files
public import Logging
import Metrics
import ServiceLifecycle
import Signing
import SobreAdmission
import SobreClient
import SobreDelivery
import SobreDispatch
import SobreHTTP
import SobreModel
public import SobreSettings
import SobreStore
internal import Text
import UnixSignals

/// A node with its API and background work. This is what `sobre serve` runs.
public struct NodeServer: Sendable {
    private let node: Node
    private let mark: RunningServerFiles
    private let monitor: NodeMonitor
    private let metrics: PrometheusFactory
    private let traffic: HTTPTraffic
    private let portFile: String?
    private let notifier: ServiceNotifier
    private let reloader: Reloader
    private let logger: Logger

    /// Owns the data directory, serves the API, sends and prunes until SIGTERM or SIGINT. Then it drains what is in
    /// flight, for at most `server.stop_timeout`, and returns.
    ///
    /// Call it once per process: it sets the process's metrics backend and its limit of open files.
    ///
    /// - Parameters:
    ///   - settings: all paths and limits.
    ///   - isRestored: whether the data come from a backup. If so, messages that may have been sent since then are
    ///     held.
    ///   - portFile: where the port is written as JSON once the server listens; nil to write none.
    ///   - logger: the server's log.
    ///   - onLogLevel: gets the level of the log with each reload.
    /// - Throws: ``ListenError`` when the server cannot listen on its address; otherwise an error that says which file
    ///   is wrong, what is wrong with it and what to do.
    public static func run(
        _ settings: Settings, isRestored: Bool = false, portFile: String? = nil, logger: Logger,
        onLogLevel: @escaping @Sendable (Settings.Log.Level) -> Void = { _ in }
    ) async throws {
        ReloadOnHangUp.ignore()
        let metrics = PrometheusFactory()
        MetricsSystem.bootstrap(metrics)
        let limit = OpenFiles.raise(to: OpenFiles.needed(by: settings))
        let (fitted, lowered) = try OpenFiles.fit(settings, into: limit)
        if let lowered { logger.warning("the limit of open files is low", metadata: ["why": "\(lowered)"]) }
        let node = try await Node.open(fitted, read: settings, isRestored: isRestored, logger: logger)
        if isRestored {
            logger.warning("the data was restored: messages that may have been sent since the backup are held")
        }
        let notifier = ServiceNotifier()
        let server = NodeServer(
            node: node, mark: RunningServerFiles(directory: settings.data.directory),
            monitor: NodeMonitor(node: node, logger: logger), metrics: metrics,
            traffic: HTTPTraffic(limits: fitted.server.limits, metrics: metrics), portFile: portFile,
            notifier: notifier,
            reloader: Reloader(node: node, notifier: notifier, logger: logger, onLogLevel: onLogLevel),
            logger: logger)
        let group = server.services()
        // Without this, the first request for metrics would find none.
        await server.monitor.observe()
        do {
            try await group.run()
        } catch {
            await server.close()
            if let error = error as? HTTPServerError { throw ListenError(description: error.description) }
            throw error
        }
        await server.close()
        logger.notice("stopped")
    }

    private func close() async {
        mark.remove()
        await node.close()
    }

    private func services() -> ServiceGroup {
        let receipts = node.receiptProcessor(logger: logger)
        let relief = MemoryRelief()
        var configuration = ServiceGroupConfiguration(
            // Services stop in reverse order. The dispatcher stops first, so that nothing is begun while clients
            // disconnect.
            services: [
                .init(
                    service: Periodic(interval: { node.settings.monitor.reloadInterval }) { await reloader.watch() }),
                .init(service: ReloadOnHangUp(logger: logger) { _ = await reloader.reload() }),
                .init(
                    service: Periodic(interval: { node.settings.monitor.interval }) {
                        await monitor.observe()
                        relief.observe(traffic.load)
                    }),
                .init(
                    service: Periodic(interval: { node.settings.retention.interval }) { await prune() }),
                .init(service: receipts),
                .init(service: node.answerPoller(logger: logger) { receipts.wake() }),
                .init(
                    service: EventDeliverer(
                        subscriptions: node.subscriptions, settings: node.settings, store: node.store, time: node.time,
                        logger: logger)),
                .init(
                    service: SourceReader(
                        sources: node.sources, settings: node.settings, store: node.store, intake: node.intake,
                        time: node.time, logger: logger)),
                .init(
                    service: server(receipts: ReceiptSetup(configuration: node.configuration, processor: receipts))),
                .init(service: node.dispatcher),
                .init(service: StopNotice(notifier: notifier)),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        // A client that sends its request very slowly must not delay the shutdown.
        configuration.maximumGracefulShutdownDuration = node.settings.server.limits.stopTimeout
        return ServiceGroup(configuration: configuration)
    }

    /// Removes what is past its retention.
    private func prune() async {
        let settings = node.settings
        let pruner = Pruner(
            store: node.store, retention: settings.retention, policy: node.policy, time: node.time, logger: logger)
        await pruner.prune()
        await pruner.pruneAudit(store: node.store)
        await pruner.pruneReceipts(store: node.store, keep: settings.receipts.keep)
        await pruner.pruneRejects(store: node.store, keep: settings.intake.keepRejects)
    }

    private func server(receipts: ReceiptSetup) -> HTTPServer {
        let settings = node.settings.server
        let dryRunner = DryRunner(
            store: node.store, policy: node.policy, time: node.time,
            providers: { [router = node.router] in router.providers })
        let ownerKey = "sobre_\(Hex.encode(randomBytes(32)))"
        let services = APIServices(
            intake: node.intake, store: node.store, dryRun: { try await dryRunner.decide($0, at: $1) },
            metrics: metrics,
            clock: node.time, ownerKey: ownerKey, receipts: receipts,
            replay: { filter, id, isDryRun async throws(StoreError) in
                try await receipts.processor.replay(filter, after: id, isDryRun: isDryRun)
            },
            maxReceipts: node.settings.receipts.maxPerRequest, optOuts: node.optOuts,
            subscriptions: { () async throws(StoreError) in
                try await node.subscriptions.statuses(
                    of: node.settings.events, in: node.store, at: node.time.now())
            },
            sources: { () async throws(StoreError) in try await node.sources.statuses(in: node.store) },
            condition: { await monitor.condition() }, reload: { [reloader] in await reloader.reload() })
        return HTTPServer(
            settings: .init(host: settings.host, port: settings.port, limits: settings.limits), services: services,
            traffic: traffic, logger: logger,
            onListening: { host, port in
                logger.notice(
                    "ready", metadata: ["address": "http://\(host):\(port)", "policy": "\(node.policy.policy.version)"])
                do {
                    try mark.write(url: "http://\(host):\(port)", ownerKey: ownerKey)
                    if let portFile { try TextFile.replace(portFile, with: "{\"http\": \(port)}\n") }
                } catch { logger.error("the server's address could not be written", metadata: ["why": "\(error)"]) }
                notifier.ready("listening on http://\(host):\(port)")
            })
    }
}
