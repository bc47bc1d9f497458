internal import Glibc
public import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A local receiver for email, SMS, push and webhooks.
///
/// It stores messages instead of delivering them, shows them at its HTTP port, and injects faults on request. See
/// ``SandboxConfiguration`` for its limits. `GET /` returns a page with the messages.
public enum Sandbox {
    /// Opens the record, binds both ports and starts receiving.
    ///
    /// - Parameters:
    ///   - configuration: where to listen, what to keep, and which faults to inject.
    ///   - logger: receives failures to write the record; nothing else is logged or printed.
    /// - Returns: the sandbox, with its bound ports.
    /// - Throws: ``SandboxError`` if a setting is invalid, a port is in use or the directory cannot be used.
    public static func start(
        _ configuration: SandboxConfiguration, logger: Logger = Logger(label: "sandbox")
    ) async throws -> RunningSandbox {
        try configuration.validate()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let readers = NIOThreadPool(numberOfThreads: 1)
        readers.start()
        let loop = group.next()
        let shutdownRequested = loop.makePromise(of: Void.self)
        do {
            let core = try await loop.submit {
                NIOLoopBound(
                    try makeCore(configuration, loop, readers, logger, shutdownRequested), eventLoop: loop)
            }.get()
            let http: any Channel
            let smtp: any Channel
            do {
                http = try await bind(configuration.host, configuration.httpPort, on: loop) { channel in
                    try setUpHTTP(channel, core: core.value)
                }
                smtp = try await bind(configuration.host, configuration.smtpPort, on: loop) { channel in
                    try channel.pipeline.syncOperations.addHandler(SMTPConnection(core: core.value))
                }
            } catch {
                try? await loop.submit { core.value.log.close() }.get()
                throw error
            }
            return RunningSandbox(
                core: core, group: group, readers: readers, http: http, smtp: smtp,
                shutdownRequested: shutdownRequested)
        } catch {
            shutdownRequested.succeed()
            try? await group.shutdownGracefully()
            try? await readers.shutdownGracefully()
            throw error
        }
    }

    private static func makeCore(
        _ configuration: SandboxConfiguration, _ loop: any EventLoop, _ readers: NIOThreadPool, _ logger: Logger,
        _ shutdownRequested: EventLoopPromise<Void>
    ) throws(SandboxError) -> SandboxCore {
        let log = try ReceivedLog(
            directory: configuration.directory, indexedMessages: configuration.indexedMessages)
        let bodies: BodyStore?
        do {
            bodies =
                if configuration.storesBodies, let directory = configuration.directory {
                    try BodyStore(directory: directory)
                } else { nil }
        } catch {
            log.close()
            throw error
        }
        let core = SandboxCore(
            configuration: configuration, eventLoop: loop, log: log, bodies: bodies, readers: readers, logger: logger,
            shutdownRequested: shutdownRequested)
        core.startSweep()
        return core
    }

    private static func bind(
        _ host: String, _ port: Int, on loop: any EventLoop,
        setUp: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> any Channel {
        do {
            return try await ServerBootstrap(group: loop)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try setUp(channel) }
                }
                .bind(host: host, port: port).get()
        } catch {
            let reason = (error as? IOError).map { systemError($0.errnoCode) } ?? "\(error)"
            throw SandboxError.bind(host: host, port: port, reason: reason)
        }
    }

    private static func setUpHTTP(_ channel: any Channel, core: SandboxCore) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 * 1024
        limits.maxHeaderListSize = 32 * 1024
        limits.maxHeaderFieldCount = 100
        let pipeline = channel.pipeline.syncOperations
        guard core.hasRoom else {
            core.stats.httpConnections += 1
            core.stats.refusedConnections += 1
            try pipeline.addHandler(HTTPRefusal())
            return
        }
        try pipeline.configureHTTPServerPipeline(
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: limits)
        try pipeline.addHandler(HTTPConnection(core: core))
    }
}
