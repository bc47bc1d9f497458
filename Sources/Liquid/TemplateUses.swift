/// One read of a variable in a template: its position, and whether it has a fallback there.
public struct VariableUse: Sendable, Equatable {
    /// The path as written, for example `customer.first_name`, including computed parts.
    public var path: String
    /// The template or snippet that reads it.
    public var templateName: String
    /// 1-based.
    public var line: Int
    /// 1-based, in characters.
    public var column: Int
    /// Whether a `default` filter follows in the same expression.
    public var hasDefault: Bool
    /// Whether it is output, not compared, looped over or assigned.
    public var isOutput: Bool
    /// Whether its first name is set by the template itself (`assign`, `capture`, a loop or a snippet's argument).
    public var isLocal: Bool
}

/// What a template and its snippets use, collected during parsing.
struct TemplateUses {
    struct Variable {
        var path: Int
        var hasDefault: Bool
        var isOutput: Bool
    }

    var variables: [Variable] = []
    /// One bit per filter, by its number.
    var filters: UInt128 = 0
    /// Each tag's name once, as a slice of a source of the program.
    var tags: [ByteSlice] = []
    var snippets: Set<String> = []
    /// Symbols that the template sets itself.
    var locals: Set<Int> = []
}
