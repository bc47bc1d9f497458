/// The bounds of the server against clients that are slow, greedy or broken. Keys of the section `server` of the settings.
public struct HTTPLimits: Sendable, Hashable {
    /// All header fields of a request together, in bytes.
    public var maxHeaderBytes = 16 << 10
    /// The header fields of a request.
    public var maxHeaderFields = 100
    /// The body of a request, in bytes.
    public var maxBodyBytes = 1 << 20
    /// The body of a batch (NDJSON or an array), in bytes.
    public var maxBatchBytes = 16 << 20
    /// All bodies that are being read or handled at the same time, in bytes.
    public var maxBufferedBytes = 256 << 20
    /// Connections at the same time; more wait in the kernel's queue.
    public var maxConnections = 1_024
    /// From a new connection to the end of its first header.
    public var headerTimeout = Duration.seconds(10)
    /// From the end of the header to the end of the body.
    public var bodyTimeout = Duration.seconds(30)
    /// A kept connection without a request.
    public var idleTimeout = Duration.seconds(60)
    /// A client that does not read its answer.
    public var writeTimeout = Duration.seconds(30)
    /// How long what a refused client still sends is thrown away, so that it can read the refusal.
    public var lingerTimeout = Duration.seconds(2)
    /// Followers of the log at the same time.
    public var maxFollowers = 32

    /// The body of a one-click unsubscription or of an inbound SMS, in bytes.
    public var maxFormBytes = 16 << 10
    /// From the beginning of a stop to its end: clients that are still sending then are cut off.
    public var stopTimeout = Duration.seconds(29)

    /// Makes the default limits.
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
