/// The limits of calls to one provider.
public struct CallLimits: Hashable, Sendable {
    /// Calls per second; nil for no limit.
    public var rate: Double?
    /// How many calls may begin at once under a rate.
    public var burst: Int
    /// The number of calls in progress at the same time.
    public var concurrency: Int
    /// How many messages are admitted before a call is free for them.
    public var ahead: AheadBounds

    public init(rate: Double? = nil, burst: Int, concurrency: Int, ahead: AheadBounds = .none) {
        self.rate = rate
        self.burst = burst
        self.concurrency = concurrency
        self.ahead = ahead
    }
}
