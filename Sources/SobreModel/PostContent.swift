/// A rendered text for a conversation.
public struct PostContent: Hashable, Sendable {
    public var text: String

    public init(text: String) { self.text = text }
}
