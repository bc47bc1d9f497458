/// What the policy says about people who want no more.
public struct WithdrawalRules: Sendable, Hashable {
    /// What a click on a link to unsubscribe ends.
    public enum Scope: String, Sendable, CaseIterable {
        case category
        case topic
        case all
    }

    /// On which channels it ends it.
    public enum Channels: String, Sendable, CaseIterable {
        case same
        case all
    }

    /// Words that stop SMS beside those that always do.
    public var stopWords: [String] = []
    public var scope: Scope = .category
    public var channels: Channels = .same
}
