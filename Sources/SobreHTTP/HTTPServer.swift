import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import SobreModel
public import SobreSettings
import SobreStore
import Synchronization

/// The HTTP API as a long-running service. On a graceful shutdown it completes the requests in progress.
///
/// While no API key exists, it listens on 127.0.0.1 whatever host is configured, and logs a warning.
public struct HTTPServer: Service {
    /// The address to listen on, and the limits.
    public struct Settings: Sendable, Hashable {
        /// A host name or address, such as `127.0.0.1` or `0.0.0.0`.
        public var host: String
        /// The port. 0 chooses a free one.
        public var port: Int
        /// The limits of connections, headers, bodies and times.
        public var limits: HTTPLimits

        public init(host: String, port: Int, limits: HTTPLimits) {
            self.host = host
            self.port = port
            self.limits = limits
        }
    }

    private let settings: Settings
    private let services: APIServices
    private let traffic: HTTPTraffic
    private let logger: Logger
    private let onListening: @Sendable (_ host: String, _ port: Int) async -> Void

    /// Makes the service.
    ///
    /// - Parameters:
    ///   - settings: the address to listen on, and the limits.
    ///   - services: the services that the API calls.
    ///   - traffic: what the server has open, for others to look at; nil: it keeps that to itself.
    ///   - logger: receives errors. Addresses, bodies and keys are never logged.
    ///   - onListening: called with the actual host and port once connections are accepted.
    public init(
        settings: Settings, services: APIServices, traffic: HTTPTraffic? = nil, logger: Logger,
        onListening: @escaping @Sendable (_ host: String, _ port: Int) async -> Void = { _, _ in }
    ) {
        self.settings = settings
        self.services = services
        self.traffic = traffic ?? HTTPTraffic(limits: settings.limits, metrics: services.metrics)
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the task is cancelled or the service group shuts down.
    ///
    /// - Throws: ``HTTPServerError`` if the server cannot listen on the address, `StoreError` if the keys cannot be
    ///   read.
    public func run() async throws {
        let keys = KeyRing(store: services.store, clock: services.clock, ownerKey: services.ownerKey)
        guard !Self.isLoopback(settings.host) else {
            return try await serve(keys, on: settings.host, port: settings.port, until: nil)
        }
        var port = settings.port
        if try await keys.isEmpty() {
            logger.warning(
                "no API key exists: listening on 127.0.0.1 until the first is made with \"sobre keys create\"",
                metadata: ["configured": "\(settings.host)"])
            let bound = Mutex(port)
            try await serve(keys, on: Self.loopback, port: port, until: { try await !keys.isEmpty() }) { port in
                bound.withLock { $0 = port }
            }
            if Task.isShuttingDownGracefully || Task.isCancelled { return }
            port = bound.withLock { $0 }
        }
        keys.openToNetwork()
        try await serve(keys, on: settings.host, port: port, until: nil)
    }

    static let loopback = "127.0.0.1"
    /// How often it is looked for the first key.
    private static let keyInterval = Duration.milliseconds(250)

    /// Serves on one address: until the service stops, or until a condition holds.
    private func serve(
        _ keys: KeyRing, on host: String, port: Int, until isOver: (@Sendable () async throws -> Bool)?,
        _ onBound: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        let application = application(keys, host: host, port: port, onBound)
        do {
            guard let isOver else { return try await application.run() }
            var configuration = ServiceGroupConfiguration(services: [application], logger: logger)
            // What still runs on loopback does not keep the network waiting.
            configuration.maximumGracefulShutdownDuration = settings.limits.lingerTimeout
            let group = ServiceGroup(configuration: configuration)
            let watch = Task {
                while try await !isOver() { try await Task.sleep(for: Self.keyInterval) }
                await group.triggerGracefulShutdown()
            }
            defer { watch.cancel() }
            do { try await group.run() } catch is CancellationError where !Task.isCancelled {}
        } catch let error as IOError {
            throw HTTPServerError(host: host, port: port, errorNumber: error.errnoCode, what: "\(error)")
        }
    }

    private func application(
        _ keys: KeyRing, host: String, port: Int, _ onBound: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        var limits = HTTP1Channel.Configuration.DecoderConfiguration()
        limits.maxHeaderFieldSize = settings.limits.maxHeaderBytes
        limits.maxHeaderListSize = settings.limits.maxHeaderBytes
        limits.maxHeaderFieldCount = settings.limits.maxHeaderFields
        let traffic = traffic
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [GuardInstaller(traffic: traffic)], httpDecoderConfiguration: limits)
        // The bound of connections is kept by those that give way. This one is for the moments until they are closed.
        let open = MaximumAvailableConnections(settings.limits.maxConnections + HTTPLimits.acceptedAhead)
        let router = APIRouter(
            services: services, limits: settings.limits, keys: keys, traffic: traffic, logger: logger
        ).make()
        return Application(
            responder: RequestTask(responder: router.buildResponder()),
            server: HTTPServerBuilder { responder in
                GuardedChannel(
                    http: HTTP1Channel(responder: responder, configuration: channel), connections: traffic.connections)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), backlog: settings.limits.backlog,
                availableConnectionsDelegate: open),
            onServerRunning: { [onListening, logger, settings] channel in
                let patience = settings.limits.headerTimeout
                do { try await ListenerGuard.add(to: channel, patience: patience, logger: logger) } catch {
                    logger.error("the listening socket is not guarded", metadata: ["why": "\(error)"])
                }
                let bound = channel.localAddress?.port ?? port
                onBound(bound)
                await onListening(host, bound)
            },
            logger: logger)
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && host.split(separator: ".").count == 4
    }
}
