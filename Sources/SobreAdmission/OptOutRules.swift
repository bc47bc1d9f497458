/// The policy's opt-out rules.
public struct OptOutRules: Sendable, Hashable {
    /// What a click on an unsubscribe link ends.
    public enum Scope: String, Sendable, CaseIterable {
        case category
        case topic
        case all
    }

    /// The channels on which it ends.
    public enum Channels: String, Sendable, CaseIterable {
        case same
        case all
    }

    /// Stop words for SMS, in addition to the built-in ones.
    public var keywords: [String] = []
    public var scope: Scope = .category
    public var channels: Channels = .same
}
