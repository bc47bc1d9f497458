/// The bounds of webhooks. Section `events` of the settings.
public struct EventLimits: Hashable, Sendable {
    /// The most events of one request.
    public var batch = 100
    /// The largest body of a request in bytes. One event is sent also when it is larger.
    public var maxBatchBytes = 256 << 10
    /// The longest time of a request, until the receiver has answered.
    public var timeout = Duration.seconds(15)
    /// The wait after the first failed request. It doubles with each further one.
    public var backoff = Duration.seconds(1)
    /// The longest of these waits, and the longest that a receiver can ask for with `Retry-After`.
    public var maxBackoff = Duration.seconds(300)
    /// How long a receiver may fail before its subscription is paused.
    public var retryFor = Duration.seconds(86_400)
    /// The most requests at once, over all subscriptions. One subscription has at most one.
    public var inFlight = 8
    /// The interval between looks for new events.
    public var interval = Duration.milliseconds(200)
    /// How often a place in the log is saved that moved past events that are not for the subscription.
    public var saveInterval = Duration.seconds(5)
    /// A subscription that is further behind is in the warnings.
    public var lagWarning = Duration.seconds(300)
    /// The rows of the log read at once.
    public var page = 500
    /// The largest answer in bytes that a receiver may give.
    public var maxAnswerBytes = 64 << 10

    /// The defaults.
    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("batch", \.batch, 1...10_000),
        .bytes("max_batch_bytes", \.maxBatchBytes, 1 << 10...(16 << 20)),
        .duration("timeout", \.timeout, .milliseconds(10)...(.seconds(300))),
        .duration("backoff", \.backoff, .milliseconds(1)...(.seconds(3_600))),
        .duration("max_backoff", \.maxBackoff, .milliseconds(1)...(.seconds(86_400))),
        .duration("retry_for", \.retryFor, .seconds(1)...(.seconds(30 * 86_400))),
        .count("in_flight", \.inFlight, 1...1_024),
        .duration("interval", \.interval, .milliseconds(1)...(.seconds(60))),
        .duration("save_interval", \.saveInterval, .zero...(.seconds(3_600))),
        .duration("lag_warning", \.lagWarning, .seconds(1)...(.seconds(30 * 86_400))),
        .count("page", \.page, 1...10_000),
        .bytes("max_answer", \.maxAnswerBytes, 1 << 10...(16 << 20)),
    ]
}
