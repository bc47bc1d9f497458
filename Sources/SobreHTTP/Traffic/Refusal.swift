/// Why a connection, a request or a body was refused or cut off. The values are labels of a metric and keys of the
/// status.
enum Refusal: String, CaseIterable, Sendable {
    /// A connection gave way: its peer has too many.
    case peerConnections = "peer_connections"
    /// A connection gave way: there are too many of unknown callers.
    case unknownConnections = "unknown_connections"
    /// A connection gave way: there are too many.
    case connections
    /// The header of a request did not arrive in time.
    case slowHeader = "slow_header"
    /// A body arrived too slowly.
    case slowBody = "slow_body"
    /// A response was not read in time.
    case slowReader = "slow_reader"
    /// No room for a body of a known caller.
    case knownBodies = "known_bodies"
    /// No room for a body of an unknown caller.
    case unknownBodies = "unknown_bodies"
    /// A request was refused before its body was read.
    case unreadBody = "unread_body"
}
