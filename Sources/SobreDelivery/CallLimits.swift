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
    /// Whether a further call may begin behind each call in progress, on the same connection, while the provider is
    /// quick. Its first commands then travel with the end of the call before.
    public var isPipelined: Bool

    public init(
        rate: Double? = nil, burst: Int, concurrency: Int, ahead: AheadBounds = .none, isPipelined: Bool = false
    ) {
        self.rate = rate
        self.burst = burst
        self.concurrency = concurrency
        self.ahead = ahead
        self.isPipelined = isPipelined
    }
}
