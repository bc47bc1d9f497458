/// Why a running server did not do what it was asked for.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// It does not answer, or cannot do it now: later it may.
        case unavailable
        /// It refuses the API key.
        case noPermission
        /// What was sent is wrong.
        case rejected
        /// What was asked for cannot be done, as things stand.
        case refused
    }

    public let code: Code
    /// A full sentence that says what to do.
    public let description: String

    /// Makes an error.
    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
