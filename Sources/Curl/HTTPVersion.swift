/// The HTTP version a request asks for.
public enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.1, one request at a time on a connection.
    case http1
    /// HTTP/2 over TLS when the server agrees by ALPN, HTTP/1.1 otherwise; requests share a connection.
    case http2
    /// HTTP/2 from the first byte, without TLS and without asking (h2c with prior knowledge). libcurl 7.88 fails requests
    /// that join a new connection before its first answer (result 16, not sent): for tests only.
    case http2PriorKnowledge
}
