/// How a render ended, when it did not fail.
public enum RenderOutcome: Sendable, Equatable {
    /// The text is complete.
    case text
    /// `{% abort 'reason' %}` was reached: nothing is to be sent.
    case aborted(reason: String)
}

/// An output that came to nothing.
public struct UndefinedValue: Sendable, Equatable {
    /// The path as written, for example `customer.first_name`.
    public var path: String
    /// The template or snippet that reads it.
    public var templateName: String
    /// 1-based.
    public var line: Int
    /// 1-based, in characters.
    public var column: Int
    /// `path` is the key of a translation (filter `t`) that no catalogue of translations holds.
    public var isTranslation = false
}
