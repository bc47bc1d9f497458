/// Text that is not valid hexadecimal or base64.
public struct TextDecodingError: Error, Equatable, CustomStringConvertible {
    /// The encoding that was expected: "hexadecimal", "base64" or "base64url".
    public let encoding: String

    /// What is wrong and where.
    public let problem: String

    /// A full sentence.
    public var description: String {
        "The text is not valid \(encoding): \(problem)."
    }
}
