/// The error of a request to a running server.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// The server does not answer, or cannot do this now. A retry may succeed.
        case unavailable
        /// The server rejects the API key.
        case noPermission
        /// The request is invalid.
        case rejected
        /// The request is valid but not possible in the current state.
        case refused
    }

    public let code: Code
    /// A message that says what happened and what to do.
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
