/// Why there is nothing to preview.
public struct PreviewError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// It is not said for whom.
        case nobody
        /// There is no such person or sample.
        case unknown
        /// What was given to read is not what it should be.
        case data
    }

    public let code: Code
    /// A full sentence that says what to do. It may hold what was given, control characters included.
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
