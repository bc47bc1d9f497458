public import SobreDelivery

/// The dispatcher's bounds. Every wait, batch and queue of it has its limit here.
public struct DispatchSettings: Sendable {
    /// Claims that are worked on side by side; while one waits for the disk, another renders.
    public var workers: Int
    /// Deliveries a claim.
    public var batch: Int
    /// Deliveries between claim and record at once, all providers together; some are claimed, rendered, decided and
    /// recorded while others are out.
    public var maxInFlight: Int
    /// How long a claim lasts. Must exceed `attemptTimeout` + `guardTime` + 10 s.
    public var lease: Duration
    /// The most that one call to a provider may take.
    public var attemptTimeout: Duration
    /// An admitted attempt that could not begin within this gives its slot back: a fence for paused processes.
    public var guardTime: Duration
    /// The wait before a message with an unknown outcome is sent once more, where its category allows that.
    public var resendAfter: Duration
    /// The wait of messages whose template is broken, before it is tried again.
    public var renderRetry: Duration
    /// The longest sleep of a worker that finds nothing to do.
    public var idleWait: Duration
    /// How long a stop waits for what is in flight; never longer than an attempt may take.
    public var drain: Duration
    public var retry: RetryPolicy
    /// The clock by which the dispatcher waits, and what its tasks run on.
    public var pace: Pace

    public init(
        workers: Int = 4, batch: Int = 256, maxInFlight: Int = 2048, lease: Duration = .seconds(60),
        attemptTimeout: Duration = .seconds(20), guardTime: Duration = .seconds(2),
        resendAfter: Duration = .seconds(30), renderRetry: Duration = .seconds(30),
        idleWait: Duration = .milliseconds(500), drain: Duration = .seconds(30), retry: RetryPolicy = RetryPolicy(),
        pace: Pace = .real
    ) {
        self.workers = workers
        self.batch = batch
        self.maxInFlight = maxInFlight
        self.lease = lease
        self.attemptTimeout = attemptTimeout
        self.guardTime = guardTime
        self.resendAfter = resendAfter
        self.renderRetry = renderRetry
        self.idleWait = idleWait
        self.drain = drain
        self.retry = retry
        self.pace = pace
    }

    /// The most that a call waits for its place under a provider's rate limit. The router reserves none that is later than
    /// its horizon, but the further devices of a person come on top.
    static let maxWait: Duration = .seconds(5)

    /// How long after its admission an attempt may reach its provider: it waits, begins in time, and lasts. An attempt that
    /// a crash cut off counts as a contact until then, so no call may begin later than this allows.
    var attemptLife: Duration { Self.maxWait + guardTime + attemptTimeout }

    /// A sentence when the values contradict each other; nil when they are sound.
    public var contradiction: String? {
        if workers < 1 || batch < 1 || maxInFlight < 1 { return "workers, batch and max_in_flight must be at least 1." }
        if lease < attemptTimeout + guardTime + .seconds(10) {
            return
                "lease must be at least attempt_timeout + guard_time + 10 s, or a slow call could be taken for a lost one."
        }
        return nil
    }
}
