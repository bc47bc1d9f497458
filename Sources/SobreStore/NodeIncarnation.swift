/// One life of a node in its store: given out when the node joins, and never to another.
///
/// A process that is started again has a new one, and so has a node that lost its place in the store and joined anew.
/// What an incarnation has begun is finished by it alone, until the store has proof that it is gone.
public struct NodeIncarnation: Hashable, Sendable, CustomStringConvertible {
    /// Stored with what the incarnation owns. Tells incarnations apart and says nothing else.
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public var description: String { String(rawValue) }
}
