/// The server's address cannot be listened on.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    /// What happened and what to do.
    public let description: String
}
