/// The HTTP version a request asks for.
public enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.1, one request at a time on a connection.
    case http1
    /// HTTP/2 over TLS when the server agrees by ALPN, HTTP/1.1 otherwise; requests share a connection.
    case http2
    /// HTTP/2 from the first byte, without TLS and without asking (h2c with prior knowledge). Each request has a
    /// connection of its own, because libcurl 7.88 cannot reuse such a connection: for tests.
    case http2PriorKnowledge
}
