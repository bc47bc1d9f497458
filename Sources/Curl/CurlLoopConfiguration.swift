/// The bounds of a ``CurlLoop``. Every queue has one.
public struct CurlLoopConfiguration: Sendable {
    /// The most transfers that run at once, over all hosts.
    public var maxInFlight: Int

    /// The most transfers that run at once to one scheme, host and port, so that a hanging host cannot take every
    /// slot. A fast host gets fewer: 32, or five for each millisecond of its response time if that is more.
    public var maxInFlightPerHost: Int

    /// The most requests that wait for a slot. Any more complete with ``TransferFailure/Reason/overloaded``.
    public var maxWaiting: Int

    /// The most open connections to one host.
    public var maxConnectionsPerHost: Int

    /// The most requests at once on one connection of HTTP/2, where the server allows as many.
    public var maxStreamsPerConnection: Int

    /// The most open connections in total, busy and idle.
    public var maxConnections: Int

    /// How long an idle connection is kept for reuse. Shorter than the servers' own limit avoids dead connections.
    public var maxIdleTime: Duration

    /// The largest URL and header fields of a request together, in bytes.
    public var maxRequestHeaderBytes: Int

    /// The trust settings for requests that have none of their own.
    public var tls: TLSOptions

    /// The URL of a proxy for every transfer; nil connects directly. `http_proxy` and similar variables are ignored.
    public var proxy: String?

    /// Defaults for one provider pool on a small machine: 1,024 in flight, up to 512 to one host.
    public init(
        maxInFlight: Int = 1_024, maxInFlightPerHost: Int = 512, maxWaiting: Int = 16_384,
        maxConnectionsPerHost: Int = 512, maxStreamsPerConnection: Int = 1_000, maxConnections: Int = 1_024,
        maxIdleTime: Duration = .seconds(50),
        maxRequestHeaderBytes: Int = 16 << 10, tls: TLSOptions = TLSOptions(), proxy: String? = nil
    ) {
        precondition(
            min(
                maxInFlight, maxInFlightPerHost, maxWaiting, maxConnectionsPerHost, maxStreamsPerConnection,
                maxConnections) > 0,
            "Every bound of a curl loop is at least 1.")
        self.maxInFlight = maxInFlight
        self.maxInFlightPerHost = maxInFlightPerHost
        self.maxWaiting = maxWaiting
        self.maxConnectionsPerHost = maxConnectionsPerHost
        self.maxStreamsPerConnection = maxStreamsPerConnection
        self.maxConnections = maxConnections
        self.maxIdleTime = maxIdleTime
        self.maxRequestHeaderBytes = maxRequestHeaderBytes
        self.tls = tls
        self.proxy = proxy
    }
}
