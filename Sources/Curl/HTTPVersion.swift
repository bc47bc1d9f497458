/// The HTTP version a request asks for.
public enum HTTPVersion: Sendable, Equatable {
    /// HTTP/1.1, one request at a time on a connection.
    case http1
    /// HTTP/2 over TLS if the server agrees by ALPN, else HTTP/1.1. Requests share a connection.
    case http2
    /// HTTP/2 from the first byte, without TLS and without negotiation (h2c with prior knowledge). For tests: each
    /// request has its own connection, because libcurl 7.88 cannot reuse such a connection.
    case http2PriorKnowledge
}
