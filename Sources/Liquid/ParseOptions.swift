/// How strictly a template is read.
public enum ParserMode: String, Sendable, CaseIterable {
    /// One grammar for every tag; anything else is an error. For everything that is written anew.
    case strict2
    /// The older strict grammar: expressions are checked, the arguments of some tags are not.
    case strict
    /// Whatever makes some sense is taken, as the oldest templates expect.
    case lax
}

/// Which filters and tags exist, and what an unknown filter means.
public enum Dialect: Sendable {
    /// What Shopify/liquid has, and nothing else; an unknown filter gives its input back.
    case standard
    /// The standard and what messages need (`abort`, `currency`, `t`, ...); an unknown filter is an error.
    case message
}

/// Choices for reading a template.
public struct ParseOptions: Sendable {
    public var mode: ParserMode
    public var dialect: Dialect
    /// How deep blocks may be nested. Default 100.
    public var maxDepth: Int
    /// The longest source in bytes, each snippet counted for itself. Default 1 MiB.
    public var maxSourceBytes: Int
    /// How many snippets one template may pull in, directly or not. Default 256.
    public var maxSnippets: Int

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
