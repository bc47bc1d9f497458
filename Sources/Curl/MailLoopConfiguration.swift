/// The bounds of a ``MailLoop``.
public struct MailLoopConfiguration: Sendable {
    /// The most messages that wait for a connection. Any more complete with ``TransferFailure/Reason/overloaded``.
    public var maxWaiting: Int

    /// The most connections to one server.
    public var maxConnectionsPerServer: Int

    /// The most connections in total.
    public var maxConnections: Int

    /// The number of messages after which a connection is closed. Many servers limit it.
    public var maxMessagesPerConnection: Int

    /// How long an idle connection is kept.
    public var maxIdleTime: Duration

    /// Defaults for a private relay: 16 connections, 100 messages on each, 30 s idle.
    public init(
        maxWaiting: Int = 16_384, maxConnectionsPerServer: Int = 16, maxConnections: Int = 128,
        maxMessagesPerConnection: Int = 100, maxIdleTime: Duration = .seconds(30)
    ) {
        precondition(
            min(maxWaiting, maxConnectionsPerServer, maxConnections, maxMessagesPerConnection) > 0,
            "Every bound of a mail loop is at least 1.")
        self.maxWaiting = maxWaiting
        self.maxConnectionsPerServer = maxConnectionsPerServer
        self.maxConnections = maxConnections
        self.maxMessagesPerConnection = maxMessagesPerConnection
        self.maxIdleTime = maxIdleTime
    }
}
