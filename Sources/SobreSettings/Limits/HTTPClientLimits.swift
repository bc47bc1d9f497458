import Curl

/// The limits of HTTP calls to providers. Section `http_client` of the settings.
///
/// The number of concurrent calls follows from `dispatch.in_flight`.
public struct HTTPClientLimits: Hashable, Sendable {
    /// Concurrent calls to one host, so that a host that hangs cannot occupy the whole client. A fast host needs fewer.
    public var maxPerHost = standard.maxInFlightPerHost
    /// Open connections to one host.
    public var maxConnectionsPerHost = standard.maxConnectionsPerHost
    /// Open connections to one host over which calls share HTTP/2.
    public var maxMultiplexedPerHost = 2
    /// Calls at once on one connection of HTTP/2, where the server allows as many.
    public var maxStreams = standard.maxStreamsPerConnection
    /// The maximum number of calls waiting for a slot in the client. Further calls fail.
    public var maxWaiting = standard.maxWaiting
    /// How long an idle connection is kept for reuse.
    public var idleTime = standard.maxIdleTime
    /// The maximum time to connect, within the time of the call. It also applies to mail.
    public var connectTimeout = Duration.seconds(5)
    /// The maximum size of a request's URL and header fields together, in bytes.
    public var maxHeaderBytes = standard.maxRequestHeaderBytes
    /// The maximum size of a response in bytes. The outcome of a call with a larger response is unknown.
    public var maxAnswerBytes = 1 << 20

    /// The library's own limits.
    private static let standard = CurlLoopConfiguration()

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_per_host", \.maxPerHost, 1...65_536),
        .count("max_connections_per_host", \.maxConnectionsPerHost, 1...65_536),
        .count("max_http2_connections_per_host", \.maxMultiplexedPerHost, 1...65_536),
        .count("max_streams", \.maxStreams, 1...1_000_000),
        .count("max_waiting", \.maxWaiting, 1...1_000_000),
        .duration("idle_time", \.idleTime, .seconds(1)...(.seconds(3_600))),
        .duration("connect_timeout", \.connectTimeout, .milliseconds(10)...(.seconds(300))),
        .bytes("max_header", \.maxHeaderBytes, 1 << 10...(1 << 20)),
        .bytes("max_answer", \.maxAnswerBytes, 1 << 10...(64 << 20)),
    ]
}
