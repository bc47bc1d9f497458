import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
public import ServiceLifecycle
import SobreModel
public import SobreSettings
import SobreStore

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
    private let logger: Logger
    private let onListening: @Sendable (_ host: String, _ port: Int) async -> Void

    /// Makes the service.
    ///
    /// - Parameters:
    ///   - settings: the address to listen on, and the limits.
    ///   - services: the services that the API calls.
    ///   - logger: receives errors. Addresses, bodies and keys are never logged.
    ///   - onListening: called with the actual host and port once connections are accepted.
    public init(
        settings: Settings, services: APIServices, logger: Logger,
        onListening: @escaping @Sendable (_ host: String, _ port: Int) async -> Void = { _, _ in }
    ) {
        self.settings = settings
        self.services = services
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until the task is cancelled or the service group shuts down.
    ///
    /// - Throws: ``HTTPServerError`` if the server cannot listen on the address, `StoreError` if the keys cannot be
    ///   read.
    public func run() async throws {
        let keys = KeyRing(store: services.store, clock: services.clock, ownerKey: services.ownerKey)
        let host = try await bindHost(keys)
        var limits = HTTP1Channel.Configuration.DecoderConfiguration()
        limits.maxHeaderFieldSize = settings.limits.maxHeaderBytes
        limits.maxHeaderListSize = settings.limits.maxHeaderBytes
        limits.maxHeaderFieldCount = settings.limits.maxHeaderFields
        let guardLimits = settings.limits
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [GuardInstaller(limits: guardLimits)], httpDecoderConfiguration: limits)
        let application = Application(
            router: APIRouter(services: services, limits: settings.limits, keys: keys, logger: logger).make(),
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: settings.port),
                availableConnectionsDelegate: MaximumAvailableConnections(settings.limits.maxConnections)),
            onServerRunning: { [onListening, settings] channel in
                await onListening(host, channel.localAddress?.port ?? settings.port)
            },
            logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw HTTPServerError(host: host, port: settings.port, errorNumber: error.errnoCode, what: "\(error)")
        }
    }

    /// The host to listen on: loopback while no key exists.
    private func bindHost(_ keys: KeyRing) async throws -> String {
        if Self.isLoopback(settings.host) { return settings.host }
        if try await keys.isEmpty() {
            logger.warning(
                "no API key is configured: listening on 127.0.0.1 only; create one with \"sobre keys create\" and restart",
                metadata: ["configured": "\(settings.host)"])
            return "127.0.0.1"
        }
        keys.openToNetwork()
        return settings.host
    }

    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && host.split(separator: ".").count == 4
    }
}
