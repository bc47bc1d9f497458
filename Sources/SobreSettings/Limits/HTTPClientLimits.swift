import Curl

/// The bounds of calls to providers over HTTP. The section `http_client` of the settings.
///
/// How many calls run at once follows from `dispatch.in_flight`.
public struct HTTPClientLimits: Hashable, Sendable {
    /// Calls at once to one host, so that one that hangs cannot take every place. A fast host gets fewer.
    public var maxPerHost = standard.maxInFlightPerHost
    /// Open connections to one host.
    public var maxConnectionsPerHost = standard.maxConnectionsPerHost
    /// Calls that may wait for a place in the client; more fail.
    public var maxWaiting = standard.maxWaiting
    /// How long an idle connection is kept for reuse.
    public var idleTime = standard.maxIdleTime
    /// The most that connecting may take, within the call's own time; for mail, too.
    public var connectTimeout = Duration.seconds(5)
    /// The largest URL and header fields of a request together, in bytes.
    public var maxHeaderBytes = standard.maxRequestHeaderBytes
    /// The largest answer, in bytes. What a larger one proves is unknown.
    public var maxAnswerBytes = 1 << 20

    /// The library's own bounds.
    private static let standard = CurlLoopConfiguration()

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_per_host", \.maxPerHost, 1...65_536),
        .count("max_connections_per_host", \.maxConnectionsPerHost, 1...65_536),
        .count("max_waiting", \.maxWaiting, 1...1_000_000),
        .duration("idle_time", \.idleTime, .seconds(1)...(.seconds(3_600))),
        .duration("connect_timeout", \.connectTimeout, .milliseconds(10)...(.seconds(300))),
        .bytes("max_header", \.maxHeaderBytes, 1 << 10...(1 << 20)),
        .bytes("max_answer", \.maxAnswerBytes, 1 << 10...(64 << 20)),
    ]
}
