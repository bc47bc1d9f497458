/// How a successful render ended.
public enum RenderOutcome: Sendable, Equatable {
    /// The text is complete.
    case text
    /// `{% abort 'reason' %}` was reached. Nothing may be sent.
    case aborted(reason: String)
}

/// An output without a value.
public struct UndefinedValue: Sendable, Equatable {
    /// The path as written, for example `customer.first_name`.
    public var path: String
    /// The template or snippet that reads it.
    public var templateName: String
    /// 1-based.
    public var line: Int
    /// 1-based, in characters.
    public var column: Int
    /// Whether `path` is the key of a translation (filter `t`) that is missing.
    public var isTranslation = false
}
