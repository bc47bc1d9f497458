/// The bounds for one YAML file.
public struct YAMLLimits: Sendable, Hashable {
    /// The longest file in bytes.
    public var maxBytes: Int
    /// The deepest nesting of mappings and sequences.
    public var maxDepth: Int
    /// The most values in all documents of a file. An alias counts each time it is used.
    public var maxValues: Int
    /// The most aliases (`*name`) in a file. The bound is small because each level of aliases multiplies the size.
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
