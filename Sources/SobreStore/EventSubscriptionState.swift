public import SobreModel

/// How far a subscription to events has come. It is kept in the store, so that it survives a crash.
public struct EventSubscriptionState: Hashable, Sendable {
    public var name: String
    /// Everything up to here was delivered, or is not for this subscription; nil: the beginning of the log.
    public var position: LogCursor?
    /// The cursor of the last event that was delivered, so that the next one can name its predecessor; nil: none, or
    /// the subscription was set back to a time.
    public var lastEvent: LogCursor?
    /// Increases with each order of an operator. What was read under an earlier number is not saved.
    public var generation: Int
    /// The number of events delivered in all, repetitions included.
    public var delivered: Int
    public var lastDeliveredAt: Instant?
    /// Since when no request has succeeded; nil: the last one did.
    public var failingSince: Instant?
    /// The failed requests since then.
    public var tries: Int
    /// What the last failed request ended with, or empty.
    public var lastError: String
    public var lastErrorAt: Instant?
    /// Since when nothing is sent; nil: it is not paused.
    public var pausedSince: Instant?
    public var pausedBy: String
    public var pauseReason: String

    /// The state of a subscription of which nothing was delivered yet.
    ///
    /// - Parameters:
    ///   - name: The name in the settings.
    ///   - position: Where it begins; nil: at the beginning of the log.
    public init(name: String, position: LogCursor?) {
        self.name = name
        self.position = position
        generation = 1
        delivered = 0
        tries = 0
        lastError = ""
        pausedBy = ""
        pauseReason = ""
    }
}

/// What an operator orders for a subscription to events.
public enum EventOrder: Hashable, Sendable {
    /// Sends nothing until the subscription is resumed. Nothing is lost.
    case pause(reason: String)
    /// Sends again, from where the subscription stood. What failed before is forgotten.
    case resume
    /// Sends everything after a cursor again; nil: everything.
    case replay(after: LogCursor?)
    /// Sends everything from a time on again.
    case replaySince(Instant)
}
