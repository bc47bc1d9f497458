/// How strictly a template is parsed.
public enum ParserMode: String, Sendable, CaseIterable {
    /// One grammar for every tag; anything else is an error. Use it for new templates.
    case strict2
    /// The older strict grammar: expressions are checked, but the arguments of some tags are not.
    case strict
    /// Accepts anything that makes some sense, for the oldest templates.
    case lax
}

/// Which filters and tags exist, and how an unknown filter is handled.
public enum Dialect: Sendable {
    /// Exactly the filters and tags of Shopify/liquid. An unknown filter returns its input.
    case standard
    /// The standard ones plus those for messages (`abort`, `currency`, `t`, …). An unknown filter is an error.
    case message
}

/// Options for parsing a template.
public struct ParseOptions: Sendable {
    public var mode: ParserMode
    public var dialect: Dialect
    /// The deepest nesting of blocks. Default 100.
    public var maxDepth: Int
    /// The longest source in bytes; each snippet is counted separately. Default 1 MiB.
    public var maxSourceBytes: Int
    /// The most snippets that one template may use, directly or indirectly. Default 256.
    public var maxSnippets: Int
    /// Whether an unknown filter of the message dialect is listed in `Template.problems` instead of ending the parse, so
    /// that one parse names all of them. Such a template is for reports only.
    public var listsUnknownFilters = false

    public init(
        mode: ParserMode = .strict2, dialect: Dialect = .message, maxDepth: Int = 100,
        maxSourceBytes: Int = 1 << 20, maxSnippets: Int = 256
    ) {
        self.mode = mode
        self.dialect = dialect
        self.maxDepth = maxDepth
        self.maxSourceBytes = maxSourceBytes
        self.maxSnippets = maxSnippets
    }
}
