/// The bounds of a ``MailLoop``.
public struct MailLoopConfiguration: Sendable {
    /// Messages that may wait for a connection; more complete with ``TransferFailure/Reason/overloaded``.
    public var maxWaiting: Int

    /// Connections to one server.
    public var maxConnectionsPerServer: Int

    /// Connections in all.
    public var maxConnections: Int

    /// Messages after which a connection is closed; many servers limit them.
    public var maxMessagesPerConnection: Int

    /// How long an idle connection is kept.
    public var maxIdleTime: Duration

    /// Bounds that suit a relay of one's own: 16 connections, 100 messages on each, 30 s idle.
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
