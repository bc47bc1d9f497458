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
            "Another program is already listening on \(host):\(port). Stop it, or choose another port with server.port."
        case EACCES:
            "This user may not listen on port \(port). Choose a port above 1023 with server.port, or grant the permission."
        case EADDRNOTAVAIL:
            "This machine has no address \(host). Set server.host to one of its addresses, or to 0.0.0.0."
        default: "Listening on \(host):\(port) failed: \(what)"
        }
    }
}
