public import Text

/// One HTTP request, complete in memory.
///
/// Redirects are never followed, no `Expect: 100-continue` is sent, cookies and `.netrc` are ignored.
public struct HTTPRequest: Sendable, Redacted {
    /// The request method, an upper-case token: `POST`, `GET`, …
    public var method: String

    /// An absolute `http://` or `https://` URL.
    public var url: String

    /// Header fields in the order they are sent. `Content-Length` is added automatically. Without a `Content-Type`
    /// here, none is sent.
    public var headers: [(name: String, value: String)]

    /// The body, sent unchanged.
    public var body: [UInt8]

    /// The protocol version.
    public var version: HTTPVersion

    /// The longest time to resolve, connect and complete the TLS handshake.
    public var connectTimeout: Duration

    /// The longest time from `submit` to the last byte of the response, including the wait for a free slot.
    public var totalTimeout: Duration

    /// The largest response, header and body together, in bytes. A larger one fails with
    /// ``TransferFailure/Reason/responseTooLarge``.
    public var maxResponseBytes: Int

    /// The trust settings; nil uses those of the loop's configuration.
    public var tls: TLSOptions?

    /// The certificate for a server that asks for one; nil: that of the trust settings, if they name one. Connections
    /// are not shared between requests with different certificates.
    public var clientIdentity: ClientIdentity?

    /// Asked on the loop's thread when the request's turn comes, and again when its first byte would leave. After false
    /// nothing is sent: the transfer fails with ``TransferFailure/Reason/notPermitted``. Nil: it may always begin.
    public var mayBegin: (@Sendable () -> Bool)?

    /// A request with the default bounds: 5 s to connect, 20 s in total, 1 MiB of response.
    public init(
        method: String = "POST", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        version: HTTPVersion = .http1, connectTimeout: Duration = .seconds(5), totalTimeout: Duration = .seconds(20),
        maxResponseBytes: Int = 1 << 20, tls: TLSOptions? = nil, clientIdentity: ClientIdentity? = nil,
        mayBegin: (@Sendable () -> Bool)? = nil
    ) {
        self.mayBegin = mayBegin
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.version = version
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.maxResponseBytes = maxResponseBytes
        self.tls = tls
        self.clientIdentity = clientIdentity
    }
}
