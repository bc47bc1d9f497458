/// The server could not listen on its address.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    /// What happened and what to do.
    public let description: String
}
