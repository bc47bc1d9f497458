/// How much we ask of one provider at most.
public struct CallLimits: Hashable, Sendable {
    /// Calls a second; nil: as many as there are.
    public var rate: Double?
    /// Calls that may begin at once under a rate.
    public var burst: Int
    /// Calls at the same time.
    public var concurrency: Int

    public init(rate: Double? = nil, burst: Int, concurrency: Int) {
        self.rate = rate
        self.burst = burst
        self.concurrency = concurrency
    }
}
