/// The limits of calls to one provider.
public struct CallLimits: Hashable, Sendable {
    /// Calls per second; nil for no limit.
    public var rate: Double?
    /// How many calls may begin at once under a rate.
    public var burst: Int
    /// The number of calls in progress at the same time.
    public var concurrency: Int

    public init(rate: Double? = nil, burst: Int, concurrency: Int) {
        self.rate = rate
        self.burst = burst
        self.concurrency = concurrency
    }
}
