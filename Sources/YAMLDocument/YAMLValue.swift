/// One value of a YAML document, with its position.
///
/// Read it with a typed accessor (`string()`, `int()`, `mapping()`, …). A value of another type throws a
/// ``YAMLError`` that says what was found and what would be right.
public struct YAMLValue: Sendable {
    /// The kinds of content.
    public enum Content: Sendable {
        /// A scalar's text. `isPlain` is true if it was written without quotes.
        case scalar(String, isPlain: Bool)
        /// A list.
        case sequence([YAMLValue])
        /// Keys with values, in file order.
        case mapping([Entry])
    }

    /// One key of a mapping with its value.
    public struct Entry: Sendable {
        /// The key's text.
        public let key: String
        /// The line of the key, counted from 1.
        public let line: Int
        /// The column of the key, counted from 1.
        public let column: Int
        /// The value.
        public let value: YAMLValue
    }

    /// A scalar as resolved by YAML 1.2's core schema.
    public enum Scalar: Sendable, Hashable {
        case null
        case bool(Bool)
        case int(Int)
        case double(Double)
        case string(String)
    }

    /// The content.
    public let content: Content
    /// The line where the value begins, counted from 1.
    public let line: Int
    /// The column where the value begins, counted from 1.
    public let column: Int
    /// The path of the value in its document, such as `caps[0].limit`; empty at the root.
    public let path: String
    /// The file.
    public let source: YAMLSource

    /// Makes an error that points at this value.
    public func error(_ message: String, help: String? = nil) -> YAMLError {
        source.error(line: line, column: column, message, help: help)
    }

    /// Whether the value is missing (`key:` without a value), `null` or `~`.
    public var isNull: Bool {
        if case .null = scalar { true } else { false }
    }

    /// The resolved scalar; nil for a list or a mapping.
    ///
    /// Plain `true`/`false`, `null`/`~`, decimal integers (optionally with `_` between digits), `0x` integers and
    /// decimal fractions are typed. Everything else, and every quoted text, is a string. `yes`, `no`, `on` and `off`
    /// are strings.
    public var scalar: Scalar? {
        guard case .scalar(let text, let isPlain) = content else { return nil }
        guard isPlain else { return .string(text) }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if let number = YAMLScalarText.integer(text) { return .int(number) }
        if let number = YAMLScalarText.double(text) { return .double(number) }
        return .string(text)
    }

    /// The kind of value with its article, for a sentence.
    var kind: String {
        switch content {
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .scalar(let text, _):
            switch scalar {
            case .null?, nil: "nothing"
            case .bool?: "\(text)"
            case .int?, .double?: "the number \(text)"
            case .string?: "the string \"\(text.count > 40 ? text.prefix(40) + "…" : text[...])\""
            }
        }
    }

    func mismatch(_ wanted: String, help: String? = nil) -> YAMLError {
        let place = path.isEmpty ? "here" : "\"\(path)\""
        return error("\(place) must be \(wanted), not \(kind)", help: help)
    }
}
