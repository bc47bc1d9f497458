public import SobreModel

/// How long a delivery waits before it is due again. The store adds the duration to its own clock.
///
/// A node's clock may differ from the store's, so a node cannot pass the instant itself.
public struct Wait: Hashable, Sendable {
    /// Counted from the moment at which the store writes the wait.
    public var length: Duration
    /// The latest due instant, from an instant that the sender set, such as a message's `expires_at`.
    public var end: Instant?

    public init(_ length: Duration, noLaterThan end: Instant? = nil) {
        self.length = length
        self.end = end
    }

    /// Due at once.
    public static let none = Wait(.zero)

    /// When the wait ends.
    ///
    /// - Parameter now: The present time by the store's clock.
    /// - Returns: The instant, by the same clock.
    public func dueAt(from now: Instant) -> Instant { min(now + length, end ?? .distantFuture) }
}
