public import SobreSettings
public import Threads

/// The dispatcher's limits and the clock it waits by.
public struct DispatchSettings: Sendable {
    /// Wait times, batch sizes and queue bounds.
    public var limits: DispatchLimits
    /// The waits before further tries. They may change while the dispatcher works.
    private var waits: @Sendable () -> RetryWaits
    /// The clock the dispatcher waits by, and the executor of its tasks.
    public var pace: Pace
    /// The threads that render; nil to render on the executor of the dispatcher's tasks, as a simulation does.
    public var renderThreads: WorkerThreads?

    /// Settings that do not change.
    public init(
        limits: DispatchLimits, retry: RetryPolicy, renderRetry: Duration, pace: Pace = .real,
        renderThreads: WorkerThreads? = nil
    ) {
        let waits = RetryWaits(retry: retry, render: renderRetry)
        self.init(limits: limits, pace: pace, renderThreads: renderThreads) { waits }
    }

    /// Settings with waits that may change. `waits` is asked whenever something is to be tried again.
    public init(
        limits: DispatchLimits, pace: Pace = .real, renderThreads: WorkerThreads? = nil,
        waits: @escaping @Sendable () -> RetryWaits
    ) {
        self.limits = limits
        self.waits = waits
        self.pace = pace
        self.renderThreads = renderThreads
    }

    /// The policy of further tries in force.
    public var retry: RetryPolicy {
        get { waits().retry }
        set {
            var changed = waits()
            changed.retry = newValue
            waits = { [changed] in changed }
        }
    }

    /// The shortest wait, in force now, before a message with a broken template is rendered again.
    public var renderRetry: Duration { waits().render }

    /// How long after its admission an attempt may still reach its provider: its wait for a place, the guard time and
    /// the call itself. An attempt that a crash cut off counts as a contact for this long, so no call may begin later.
    var attemptLife: Duration { limits.maxWait + limits.guardTime + limits.attemptTimeout }

    /// What is inconsistent about the values, as a sentence. Nil when they are consistent.
    public var contradiction: String? {
        if limits.workers < 1 || limits.batch < 1 || limits.inFlight < 1 {
            return "workers, batch and in_flight must be at least 1."
        }
        if limits.lease < limits.attemptTimeout + limits.guardTime + .seconds(10) {
            return
                "lease must be at least attempt_timeout + guard_time + 10 s, or a slow call could be mistaken for a lost one."
        }
        return nil
    }
}
