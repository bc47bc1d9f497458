/// The dispatcher's limits: times, batches and queues. Section `dispatch` of the settings.
public struct DispatchLimits: Hashable, Sendable {
    /// The number of workers, each with its own claims. While one waits for the disk, another renders.
    public var workers = 4
    /// The maximum number of deliveries that are claimed, admitted or recorded together.
    public var batch = 256
    /// The maximum number of deliveries between claim and record, for all providers together. It includes those being
    /// rendered, decided and recorded.
    public var inFlight = 2048
    /// The duration of a claim. Must be at least `attemptTimeout` + `guardTime` + 10 s.
    public var lease = Duration.seconds(60)
    /// The maximum duration of a call to a provider.
    public var attemptTimeout = Duration.seconds(20)
    /// An admitted attempt that has not started within this time is released. This protects against paused processes.
    public var guardTime = Duration.seconds(2)
    /// The wait before a message with an unknown outcome is sent again, if its category allows that.
    public var resendAfter = Duration.seconds(30)
    /// The longest sleep of an idle worker.
    public var idleWait = Duration.milliseconds(500)
    /// How long a stop waits for deliveries in flight, at most the duration of an attempt.
    public var drain = Duration.seconds(30)
    /// How far ahead a slot under a provider's rate limit is reserved. Messages beyond that stay in the queue.
    public var reserveAhead = Duration.seconds(1)
    /// How far ahead of a provider's free calls messages are admitted: as many as it lately began in so long. At most half
    /// of `guardTime` counts.
    public var admitAhead = Duration.milliseconds(500)
    /// The maximum number of messages that are admitted ahead for one provider.
    public var maxAhead = 512
    /// The longest wait of an admitted call for its slot under a provider's rate limit. No slot is reserved later than
    /// `reserveAhead`, but a recipient's further devices add to it.
    public var maxWait = Duration.seconds(5)
    /// The maximum number of a recipient's devices that one delivery reaches, in the profile's order.
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
        .duration("admit_ahead", \.admitAhead, .zero...(.seconds(30))),
        .count("max_ahead", \.maxAhead, 0...32_768),
        .duration("max_wait", \.maxWait, .milliseconds(1)...(.seconds(300))),
        .count("max_devices", \.maxDevices, 1...1_000),
    ]
}
