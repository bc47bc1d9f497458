internal import NIOCore
internal import NIOPosix

/// A running sandbox.
public final class RunningSandbox: Sendable {
    /// The HTTP port it is bound to.
    public let httpPort: Int
    /// The SMTP port it is bound to.
    public let smtpPort: Int

    private let core: NIOLoopBound<SandboxCore>
    private let group: MultiThreadedEventLoopGroup
    private let readers: NIOThreadPool
    private let channels: [any Channel]
    private let shutdownRequested: EventLoopPromise<Void>

    init(
        core: NIOLoopBound<SandboxCore>, group: MultiThreadedEventLoopGroup, readers: NIOThreadPool,
        http: any Channel, smtp: any Channel, shutdownRequested: EventLoopPromise<Void>
    ) {
        self.core = core
        self.group = group
        self.readers = readers
        channels = [http, smtp]
        httpPort = http.localAddress?.port ?? 0
        smtpPort = smtp.localAddress?.port ?? 0
        self.shutdownRequested = shutdownRequested
    }

    /// Returns when the end was requested through `POST /_sandbox/shutdown`. Call ``stop()`` then.
    public func wait() async {
        try? await shutdownRequested.futureResult.get()
    }

    /// The messages that match a query, newest first.
    ///
    /// - Throws: ``SandboxError`` when the record cannot be read.
    public func messages(_ query: MessageQuery = MessageQuery()) async throws -> [ReceivedMessage] {
        let core = core
        let snapshot = try await group.next().submit {
            core.value.flush()
            return core.value.log.snapshot(query)
        }.get()
        return try await readers.runIfActive { try snapshot.read() }
    }

    /// Closes the ports and all connections and writes the rest of the record. May be called once.
    public func stop() async {
        for channel in channels { try? await channel.close().get() }
        let core = core
        try? await group.next().submit { core.value.close() }.get()
        shutdownRequested.succeed()
        try? await readers.shutdownGracefully()
        try? await group.next().submit { core.value.log.close() }.get()
        try? await group.shutdownGracefully()
    }
}
