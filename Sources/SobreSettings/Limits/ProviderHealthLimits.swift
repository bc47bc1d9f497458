/// When calls to a provider are paused, for how long, and how they resume. Section `health` of the settings.
public struct ProviderHealthLimits: Hashable, Sendable {
    /// The number of consecutive failed calls after which a provider is broken.
    public var failures = 10
    /// The pause after that. It doubles with each failed probe.
    public var brokenFor = Duration.seconds(5)
    /// The longest such pause.
    public var brokenMax = Duration.seconds(300)
    /// The number of concurrent calls that probe a broken provider, and of the first calls after a rate limit.
    public var probes = 2
    /// The pause for a provider whose settings or account are at fault.
    public var pause = Duration.seconds(60)
    /// The pause for a provider that asks to slow down without a time. It doubles until a call is accepted.
    public var limitedFor = Duration.seconds(1)
    /// The longest such pause.
    public var limitedMax = Duration.seconds(60)
    /// The longest pause that a provider may request with `Retry-After`.
    public var retryAfterMax = Duration.seconds(900)
    /// A provider that has answered no call for this long, with calls in flight, stands still.
    public var stalledAfter = Duration.seconds(1)
    /// The number of calls in flight above which a provider that stands still gets no more.
    public var stalledCalls = 32
    /// Recipients in a row that a provider refuses alike without a word about them: then our account or our settings
    /// count as at fault.
    public var sameRefusals = 5
    /// The part of failed calls, or of late receipts, in percent, above which a provider loses half of its traffic to
    /// others of its route.
    public var shiftAbove = 20
    /// The number of calls, or of receipts, by which that is judged at the least.
    public var shiftCalls = 20
    /// How often it is judged.
    public var shiftInterval = Duration.seconds(5)
    /// The traffic that a provider keeps in any case, in percent.
    public var shiftLeast = 5
    /// The traffic that comes back with each interval without such a fault, in percent.
    public var shiftBack = 10
    /// A message is late when its provider reports the delivery so long after it was sent.
    public var lateAfter = Duration.seconds(600)

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("failures", \.failures, 1...10_000),
        .duration("broken_for", \.brokenFor, .milliseconds(1)...(.seconds(86_400))),
        .duration("broken_max", \.brokenMax, .milliseconds(1)...(.seconds(86_400))),
        .count("probes", \.probes, 1...1_000),
        .duration("pause", \.pause, .milliseconds(100)...(.seconds(86_400))),
        .duration("limited_for", \.limitedFor, .milliseconds(1)...(.seconds(86_400))),
        .duration("limited_max", \.limitedMax, .milliseconds(1)...(.seconds(86_400))),
        .duration("retry_after_max", \.retryAfterMax, .zero...(.seconds(30 * 86_400))),
        .duration("stalled_after", \.stalledAfter, .milliseconds(1)...(.seconds(86_400))),
        .count("stalled_calls", \.stalledCalls, 1...100_000),
        .count("same_refusals", \.sameRefusals, 2...10_000),
        .count("shift_above", \.shiftAbove, 1...100),
        .count("shift_calls", \.shiftCalls, 1...1_000_000),
        .duration("shift_interval", \.shiftInterval, .milliseconds(100)...(.seconds(86_400))),
        .count("shift_least", \.shiftLeast, 1...100),
        .count("shift_back", \.shiftBack, 1...100),
        .duration("late_after", \.lateAfter, .seconds(1)...(.seconds(30 * 86_400))),
    ]
}
