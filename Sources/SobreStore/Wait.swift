public import SobreModel

/// How long a delivery waits before it is due again: a duration that the store adds to its own clock.
///
/// A node's clock may differ from the store's, so a node cannot name the instant itself.
public struct Wait: Hashable, Sendable {
    /// From the moment at which the store writes it.
    public var length: Duration
    /// An instant that somebody has named, such as a message's `expires_at`: the delivery is due no later than this.
    public var end: Instant?

    public init(_ length: Duration, noLaterThan end: Instant? = nil) {
        self.length = length
        self.end = end
    }

    /// Due at once.
    public static let none = Wait(.zero)

    /// When the wait is over.
    ///
    /// - Parameter now: the present time by the store's clock.
    /// - Returns: the instant, by the same clock.
    public func dueAt(from now: Instant) -> Instant { min(now + length, end ?? .distantFuture) }
}
