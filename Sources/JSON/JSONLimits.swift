/// The bounds for one JSON text.
///
/// A text that exceeds a bound is rejected with a ``JSONError`` before memory is spent on it.
public struct JSONLimits: Sendable, Hashable {
    /// The deepest nesting of arrays and objects; a lone number has depth 0. At most ``deepest``.
    public let maxDepth: Int
    /// The longest text, in bytes. At most 4 GiB.
    public let maxBytes: Int
    /// The most values in one text; a key counts as one. At most 16,777,215.
    public let maxNodes: Int

    /// The largest ``maxDepth`` that is accepted. Code that walks a document may recurse once per level.
    public static let deepest = 512

    /// Makes limits. A value outside the tape's range is clamped to the nearest possible one.
    public init(maxDepth: Int = 32, maxBytes: Int = 16 << 20, maxNodes: Int = 2_000_000) {
        self.maxDepth = min(max(maxDepth, 0), Self.deepest)
        self.maxBytes = min(max(maxBytes, 0), Int(UInt32.max))
        self.maxNodes = min(max(maxNodes, 1), Int(JSONNode.maxCount))
    }

    /// The limits for one request or one line: depth 32, 1 MiB.
    public static let request = JSONLimits(maxBytes: 1 << 20)
}
