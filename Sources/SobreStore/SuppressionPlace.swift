public import SobreModel

/// A place in the list of suppressions, newest first. Those of one time are in the order of what they are about.
public struct SuppressionPlace: Hashable, Sendable {
    public var at: Instant
    public var subject: KeyHash
    /// Nil for all channels.
    public var channel: Channel?
    /// Nil for all categories.
    public var category: String?
    public var reason: Suppression.Reason

    public init(at: Instant, subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason) {
        self.at = at
        self.subject = subject
        self.channel = channel
        self.category = category
        self.reason = reason
    }

    /// The place of a suppression.
    public init(of suppression: Suppression) {
        self.init(
            at: suppression.at, subject: suppression.subject, channel: suppression.channel,
            category: suppression.category, reason: suppression.reason)
    }
}
