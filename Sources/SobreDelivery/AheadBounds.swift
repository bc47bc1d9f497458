/// The bounds of what is admitted before a provider's calls are free for it.
public struct AheadBounds: Hashable, Sendable {
    /// Messages are admitted only as far ahead as the provider is expected to begin them within this time.
    public var reach: Duration
    /// And no more than this many.
    public var most: Int

    /// Nothing is admitted ahead.
    public static let none = AheadBounds(reach: .zero, most: 0)

    public init(reach: Duration, most: Int) {
        self.reach = reach
        self.most = most
    }
}
