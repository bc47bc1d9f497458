/// Why and where a JSON text was rejected.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A stable name of the reason, for programs.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case empty
        case unexpectedEnd = "unexpected_end"
        case unexpectedByte = "unexpected_byte"
        case trailingData = "trailing_data"
        case byteOrderMark = "byte_order_mark"
        case invalidUTF8 = "invalid_utf8"
        case controlCharacter = "control_character"
        case invalidEscape = "invalid_escape"
        case loneSurrogate = "lone_surrogate"
        case invalidNumber = "invalid_number"
        case numberOutOfRange = "number_out_of_range"
        case duplicateKey = "duplicate_key"
        case tooDeep = "too_deep"
        case tooLong = "too_long"
        case tooManyValues = "too_many_values"
    }

    /// The reason.
    public let code: Code
    /// The offset of the offending byte in the input.
    public let offset: Int
    /// The line, counted from 1 or from the number that the caller gave.
    public let line: Int
    /// The column in characters, counted from 1.
    public let column: Int
    /// The path in the document as far as it was parsed, such as `data.items[3].name`; empty at the root.
    public let path: String
    /// What is wrong and what would be right, without the position.
    public let message: String

    /// Makes an error from its parts.
    public init(code: Code, offset: Int, line: Int, column: Int, path: String, message: String) {
        self.code = code
        self.offset = offset
        self.line = line
        self.column = column
        self.path = path
        self.message = message
    }

    /// The full sentence with line and column.
    public var description: String {
        let place = path.isEmpty ? "" : " at \"\(path)\""
        return "line \(line), column \(column)\(place): \(message)"
    }
}
