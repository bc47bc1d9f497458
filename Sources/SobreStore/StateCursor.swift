/// A position in a list of messages by their present state, as opaque text that needs no escaping in a URL.
///
/// It belongs to the filter that it was made for, and stays valid after the store was closed and reopened.
public struct StateCursor: Hashable, Sendable, LosslessStringConvertible {
    public let description: String

    /// Parses a cursor. Returns nil for text that no store produces; see ``LogCursor``.
    public init?(_ text: String) {
        guard LogCursor(text) != nil else { return nil }
        description = text
    }
}
