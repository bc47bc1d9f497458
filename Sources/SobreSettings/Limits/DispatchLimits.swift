/// The dispatcher's bounds: its waits, batches and queues. The section `dispatch` of the settings.
public struct DispatchLimits: Hashable, Sendable {
    /// Claims that are worked on side by side; while one waits for the disk, another renders.
    public var workers = 4
    /// Deliveries claimed, admitted and recorded together at most.
    public var batch = 256
    /// Deliveries between claim and record at once, all providers together; some are claimed, rendered, decided and
    /// recorded while others are out.
    public var inFlight = 2048
    /// How long a claim lasts. Must exceed `attemptTimeout` + `guardTime` + 10 s.
    public var lease = Duration.seconds(60)
    /// The most that one call to a provider may take.
    public var attemptTimeout = Duration.seconds(20)
    /// An admitted attempt that could not begin within this gives its slot back: a fence for paused processes.
    public var guardTime = Duration.seconds(2)
    /// The wait before a message with an unknown outcome is sent once more, where its category allows that.
    public var resendAfter = Duration.seconds(30)
    /// The longest sleep of a worker that finds nothing to do.
    public var idleWait = Duration.milliseconds(500)
    /// How long a stop waits for what is in flight; never longer than an attempt may take.
    public var drain = Duration.seconds(30)
    /// How far ahead a place under a provider's rate is reserved; beyond it messages stay in the queue.
    public var reserveAhead = Duration.seconds(1)
    /// The most that an admitted call waits for its place under a provider's rate. No place is reserved later than
    /// `reserveAhead`, but the further devices of a recipient come on top.
    public var maxWait = Duration.seconds(5)
    /// The most devices of a recipient that one delivery reaches, in the profile's order.
    public var maxDevices = 20

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("workers", \.workers, 1...64).formerly("lanes"), .count("batch", \.batch, 1...4_096),
        .count("in_flight", \.inFlight, 1...65_536), .duration("lease", \.lease, .seconds(13)...(.seconds(3_600))),
        .duration("attempt_timeout", \.attemptTimeout, .milliseconds(100)...(.seconds(300))),
        .duration("guard_time", \.guardTime, .milliseconds(100)...(.seconds(60))),
        .duration("resend_after", \.resendAfter, .seconds(1)...(.seconds(86_400))),
        .duration("idle_wait", \.idleWait, .milliseconds(1)...(.seconds(60))),
        .duration("drain", \.drain, .zero...(.seconds(600))),
        .duration("reserve_ahead", \.reserveAhead, .zero...(.seconds(60))),
        .duration("max_wait", \.maxWait, .milliseconds(1)...(.seconds(300))),
        .count("max_devices", \.maxDevices, 1...1_000),
    ]
}
