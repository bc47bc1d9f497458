import Curl

/// The limits of connections to mail relays. Section `mail_client` of the settings.
public struct MailClientLimits: Hashable, Sendable {
    /// Connections to one relay.
    public var maxConnectionsPerRelay = standard.maxConnectionsPerServer
    /// Connections in all.
    public var maxConnections = standard.maxConnections
    /// The number of mails after which a connection is closed. Many relays limit it.
    public var maxPerConnection = standard.maxMessagesPerConnection
    /// The maximum number of mails waiting for a connection. Further mails fail.
    public var maxWaiting = standard.maxWaiting
    /// How long an idle connection is kept.
    public var idleTime = standard.maxIdleTime

    /// The library's own limits.
    private static let standard = MailLoopConfiguration()

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_connections_per_relay", \.maxConnectionsPerRelay, 1...65_536),
        .count("max_connections", \.maxConnections, 1...65_536),
        .count("max_per_connection", \.maxPerConnection, 1...1_000_000),
        .count("max_waiting", \.maxWaiting, 1...1_000_000),
        .duration("idle_time", \.idleTime, .milliseconds(10)...(.seconds(3_600))),
    ]
}
