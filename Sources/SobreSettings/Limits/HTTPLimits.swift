/// The server's limits for slow, greedy or broken clients. Keys of the section `server` of the settings.
public struct HTTPLimits: Sendable, Hashable {
    /// The header fields of a request together, in bytes.
    public var maxHeaderBytes = 16 << 10
    /// The number of header fields of a request.
    public var maxHeaderFields = 100
    /// The body of a request, in bytes.
    public var maxBodyBytes = 16 << 20
    /// The body of a batch (NDJSON or an array), in bytes.
    public var maxBatchBytes = 16 << 20
    /// All bodies of known callers that are read or handled at the same time, in bytes. A caller is known by a valid
    /// key, or, where there are no keys, as a program on this machine. The first ``maxFormBytes`` of each body are not
    /// counted.
    public var maxBufferedBytes = 256 << 20
    /// The same for unknown callers.
    public var maxUnknownBufferedBytes = 32 << 20
    /// Concurrent connections. Beyond, a new one takes the place of one that waits.
    public var maxConnections = 1_024
    /// Connections that the kernel keeps until they are accepted. Beyond, clients have to try again after a second or
    /// more. The kernel has a bound of its own, `net.core.somaxconn`.
    public var backlog = 4_096
    /// Of ``maxConnections``, connections whose last request came from an unknown caller, or that have not sent one yet.
    public var maxUnknownConnections = 512
    /// Of these, connections from one address, or from one /64 network of IPv6.
    public var maxConnectionsPerPeer = 128
    /// How long a new connection is spared by ``maxUnknownConnections`` and ``maxConnectionsPerPeer``.
    public var unknownGrace = Duration.milliseconds(100)
    /// Addresses that ``maxConnectionsPerPeer`` does not apply to, because they stand for many clients.
    public var proxies: [AddressRange] = []
    /// Requests of unknown callers that are handled at the same time. Further ones wait for their turn.
    public var maxUnknownRequests = 64
    /// The time from a new connection to the end of its first header.
    public var headerTimeout = Duration.seconds(10)
    /// The time from the end of the header to the end of the body.
    public var bodyTimeout = Duration.seconds(30)
    /// The bytes of a body that have to arrive each second, on the average since its header.
    public var minBodyRate = 1 << 10
    /// How long after the header the rate of a body is judged for the first time, and the interval of later ones.
    public var bodyGrace = Duration.seconds(5)
    /// How long a connection is kept without a request.
    public var idleTimeout = Duration.seconds(60)
    /// How long a client may not read its response.
    public var writeTimeout = Duration.seconds(30)
    /// How long the input of a rejected client is discarded, so that it can read the response.
    public var lingerTimeout = Duration.seconds(2)
    /// Concurrent followers of the log.
    public var maxFollowers = 32

    /// The body of a one-click unsubscription or an inbound message, in bytes.
    public var maxFormBytes = 16 << 10
    /// The duration of a stop. Clients that are still sending at its end are disconnected.
    public var stopTimeout = Duration.seconds(29)

    /// Connections accepted beyond ``maxConnections`` while those that gave way are being closed.
    public static let acceptedAhead = 32

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .bytes("max_body", \.maxBodyBytes, 1 << 10...(128 << 20)),
        .bytes("max_batch_body", \.maxBatchBytes, 1 << 10...(256 << 20)),
        .count("max_connections", \.maxConnections, 1...65_536),
        .count("max_unknown_connections", \.maxUnknownConnections, 1...65_536),
        .count("max_connections_per_peer", \.maxConnectionsPerPeer, 1...65_536),
        .duration("header_timeout", \.headerTimeout, .milliseconds(100)...(.seconds(300))),
        .duration("body_timeout", \.bodyTimeout, .milliseconds(100)...(.seconds(600))),
        .bytes("min_body_rate", \.minBodyRate, 0...(1 << 30)),
        .duration("body_grace", \.bodyGrace, .milliseconds(100)...(.seconds(600))),
        .bytes("max_header", \.maxHeaderBytes, 1 << 10...(1 << 20)),
        .count("max_header_fields", \.maxHeaderFields, 10...10_000),
        .bytes("max_form", \.maxFormBytes, 1 << 10...(1 << 20)),
        .bytes("max_buffered", \.maxBufferedBytes, 1 << 20...(16 << 30)),
        .count("backlog", \.backlog, 1...65_536),
        .duration("unknown_grace", \.unknownGrace, .zero...(.seconds(60))),
        .bytes("max_unknown_buffered", \.maxUnknownBufferedBytes, 0...(16 << 30)),
        .count("max_unknown_requests", \.maxUnknownRequests, 1...65_536),
        .duration("idle_timeout", \.idleTimeout, .milliseconds(100)...(.seconds(3_600))),
        .duration("write_timeout", \.writeTimeout, .milliseconds(100)...(.seconds(600))),
        .duration("linger_timeout", \.lingerTimeout, .milliseconds(1)...(.seconds(60))),
        .count("max_followers", \.maxFollowers, 0...10_000),
        .duration("stop_timeout", \.stopTimeout, .seconds(1)...(.seconds(3_600))),
    ]
}
