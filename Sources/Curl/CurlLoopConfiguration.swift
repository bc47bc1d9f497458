/// The bounds of a ``CurlLoop``; every queue in it has one.
public struct CurlLoopConfiguration: Sendable {
    /// Transfers that run at once over all hosts.
    public var maxInFlight: Int

    /// Transfers that run at once to one scheme, host and port, so that a host that hangs cannot take every place.
    /// A fast host gets fewer: 32, and five for each millisecond that it takes to answer.
    public var maxInFlightPerHost: Int

    /// Requests that may wait for a place; more complete with ``TransferFailure/Reason/overloaded``.
    public var maxWaiting: Int

    /// Open connections to one host.
    public var maxConnectionsPerHost: Int

    /// Open connections in all, busy and idle.
    public var maxConnections: Int

    /// How long an idle connection is kept for reuse. Shorter than the servers' own limit avoids dead connections.
    public var maxIdleTime: Duration

    /// The largest URL and header fields of a request together, in bytes.
    public var maxRequestHeaderBytes: Int

    /// The trust settings of requests that bring none.
    public var tls: TLSOptions

    /// The URL of a proxy for every transfer; nil connects directly. `http_proxy` and its kin are not read.
    public var proxy: String?

    /// Bounds that suit one provider pool on a small machine: 1,024 in flight, up to 512 to one host.
    public init(
        maxInFlight: Int = 1_024, maxInFlightPerHost: Int = 512, maxWaiting: Int = 16_384,
        maxConnectionsPerHost: Int = 512, maxConnections: Int = 1_024, maxIdleTime: Duration = .seconds(50),
        maxRequestHeaderBytes: Int = 16 << 10, tls: TLSOptions = TLSOptions(), proxy: String? = nil
    ) {
        precondition(
            min(maxInFlight, maxInFlightPerHost, maxWaiting, maxConnectionsPerHost, maxConnections) > 0,
            "Every bound of a curl loop is at least 1.")
        self.maxInFlight = maxInFlight
        self.maxInFlightPerHost = maxInFlightPerHost
        self.maxWaiting = maxWaiting
        self.maxConnectionsPerHost = maxConnectionsPerHost
        self.maxConnections = maxConnections
        self.maxIdleTime = maxIdleTime
        self.maxRequestHeaderBytes = maxRequestHeaderBytes
        self.tls = tls
        self.proxy = proxy
    }
}
