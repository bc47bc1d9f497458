import Glibc

/// The server could not listen.
public struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The host of the attempt.
    public let host: String
    /// The port of the attempt.
    public let port: Int
    /// The system's `errno`.
    public let errorNumber: Int32
    let what: String

    /// What happened and what to do.
    public var description: String {
        switch errorNumber {
        case EADDRINUSE:
            "Another program listens on \(host):\(port) already. Stop it, or choose another port with server.port."
        case EACCES:
            "This user may not listen on port \(port). Choose a port above 1023 with server.port, or grant the right."
        case EADDRNOTAVAIL:
            "This machine has no address \(host). Choose one of its own, or 0.0.0.0, with server.host."
        default: "Listening on \(host):\(port) failed: \(what)"
        }
    }
}
