public import SobreSettings

/// The dispatcher's bounds, and the clock by which it waits.
public struct DispatchSettings: Sendable {
    /// Its waits, batches and queues.
    public var limits: DispatchLimits
    public var retry: RetryPolicy
    /// The wait of messages whose template is broken, before it is tried again.
    public var renderRetry: Duration
    /// The clock by which the dispatcher waits, and what its tasks run on.
    public var pace: Pace

    public init(limits: DispatchLimits, retry: RetryPolicy, renderRetry: Duration, pace: Pace = .real) {
        self.limits = limits
        self.retry = retry
        self.renderRetry = renderRetry
        self.pace = pace
    }

    /// How long after its admission an attempt may reach its provider: it waits, begins in time, and lasts. An attempt that
    /// a crash cut off counts as a contact until then, so no call may begin later than this allows.
    var attemptLife: Duration { limits.maxWait + limits.guardTime + limits.attemptTimeout }

    /// A sentence when the values contradict each other; nil when they do not.
    public var contradiction: String? {
        if limits.workers < 1 || limits.batch < 1 || limits.inFlight < 1 {
            return "workers, batch and in_flight must be at least 1."
        }
        if limits.lease < limits.attemptTimeout + limits.guardTime + .seconds(10) {
            return
                "lease must be at least attempt_timeout + guard_time + 10 s, or a slow call could be taken for a lost one."
        }
        return nil
    }
}
