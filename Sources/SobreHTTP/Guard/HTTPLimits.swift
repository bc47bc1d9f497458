/// The bounds of the server against clients that are slow, greedy or broken.
public struct HTTPLimits: Sendable, Hashable {
    /// All header fields of a request together, in bytes. Default 16 KiB.
    public var maxHeaderBytes = 16 << 10
    /// The header fields of a request. Default 100.
    public var maxHeaderFields = 100
    /// The body of a request, in bytes. Default 1 MiB.
    public var maxBodyBytes = 1 << 20
    /// The body of a batch (NDJSON or an array), in bytes. Default 16 MiB.
    public var maxBatchBytes = 16 << 20
    /// All bodies that are being read or handled at the same time, in bytes. Default 256 MiB.
    public var maxBufferedBytes = 256 << 20
    /// Connections at the same time; more wait in the kernel's queue. Default 1,024.
    public var maxConnections = 1_024
    /// From a new connection to the end of its first header. Default 10 s.
    public var headerTimeout = Duration.seconds(10)
    /// From the end of the header to the end of the body. Default 30 s.
    public var bodyTimeout = Duration.seconds(30)
    /// A kept connection without a request. Default 60 s.
    public var idleTimeout = Duration.seconds(60)
    /// A client that does not read its answer. Default 30 s.
    public var writeTimeout = Duration.seconds(30)
    /// How long what a refused client still sends is thrown away, so that it can read the refusal. Default 2 s.
    public var lingerTimeout = Duration.seconds(2)
    /// Followers of the log at the same time. Default 32.
    public var maxFollowers = 32

    /// Makes the default limits.
    public init() {}
}
