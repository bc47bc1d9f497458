/// The error when there is nothing to preview.
public struct PreviewError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable {
        /// No recipient is given, and the template has no samples.
        case nobody
        /// There is no such profile or sample.
        case unknown
        /// The given profile or data is invalid.
        case data
    }

    public let code: Code
    /// A message that says what to do. It may contain input with control characters.
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
