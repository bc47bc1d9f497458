/// The ID of one membership of a node in its store. The store assigns it when the node joins and never reuses it.
///
/// A restarted process gets a new incarnation, and so does a node that lost its place in the store and joined again.
/// Only the incarnation that began an attempt may finish it, until the store has proof that the incarnation is gone.
public struct NodeIncarnation: Hashable, Sendable, CustomStringConvertible {
    /// Stored with everything that the incarnation owns. It identifies an incarnation and has no other meaning.
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public var description: String { String(rawValue) }
}
