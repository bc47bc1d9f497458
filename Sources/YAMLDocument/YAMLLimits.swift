/// The bounds within which a YAML file is read.
public struct YAMLLimits: Sendable, Hashable {
    /// The longest file in bytes.
    public var maxBytes: Int
    /// The deepest nesting of mappings and sequences.
    public var maxDepth: Int
    /// The most values in all of a file's documents, with every alias counted as often as it is used.
    public var maxValues: Int
    /// The most aliases (`*name`) in a file; few, because each level of aliases multiplies.
    public var maxAliases: Int

    /// Makes limits.
    public init(
        maxBytes: Int = 1 << 20, maxDepth: Int = 64, maxValues: Int = 200_000, maxAliases: Int = 20
    ) {
        self.maxBytes = maxBytes
        self.maxDepth = maxDepth
        self.maxValues = maxValues
        self.maxAliases = maxAliases
    }
}
