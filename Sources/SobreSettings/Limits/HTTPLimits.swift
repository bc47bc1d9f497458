/// The server's limits for slow, greedy or broken clients. Keys of the section `server` of the settings.
public struct HTTPLimits: Sendable, Hashable {
    /// The header fields of a request together, in bytes.
    public var maxHeaderBytes = 16 << 10
    /// The number of header fields of a request.
    public var maxHeaderFields = 100
    /// The body of a request, in bytes.
    public var maxBodyBytes = 1 << 20
    /// The body of a batch (NDJSON or an array), in bytes.
    public var maxBatchBytes = 16 << 20
    /// All bodies that are read or handled at the same time, in bytes.
    public var maxBufferedBytes = 256 << 20
    /// Concurrent connections. Further ones wait in the kernel's queue.
    public var maxConnections = 1_024
    /// The time from a new connection to the end of its first header.
    public var headerTimeout = Duration.seconds(10)
    /// The time from the end of the header to the end of the body.
    public var bodyTimeout = Duration.seconds(30)
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

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .bytes("max_body", \.maxBodyBytes, 1 << 10...(64 << 20)),
        .bytes("max_batch_body", \.maxBatchBytes, 1 << 10...(256 << 20)),
        .count("max_connections", \.maxConnections, 1...65_536),
        .duration("header_timeout", \.headerTimeout, .milliseconds(100)...(.seconds(300))),
        .duration("body_timeout", \.bodyTimeout, .milliseconds(100)...(.seconds(600))),
        .bytes("max_header", \.maxHeaderBytes, 1 << 10...(1 << 20)),
        .count("max_header_fields", \.maxHeaderFields, 10...10_000),
        .bytes("max_form", \.maxFormBytes, 1 << 10...(1 << 20)),
        .bytes("max_buffered", \.maxBufferedBytes, 1 << 20...(16 << 30)),
        .duration("idle_timeout", \.idleTimeout, .milliseconds(100)...(.seconds(3_600))),
        .duration("write_timeout", \.writeTimeout, .milliseconds(100)...(.seconds(600))),
        .duration("linger_timeout", \.lingerTimeout, .milliseconds(1)...(.seconds(60))),
        .count("max_followers", \.maxFollowers, 0...10_000),
        .duration("stop_timeout", \.stopTimeout, .seconds(1)...(.seconds(3_600))),
    ]
}
