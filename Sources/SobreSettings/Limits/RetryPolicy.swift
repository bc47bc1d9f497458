/// Exponential backoff for retries, and when they end. Section `retry` of the settings.
///
/// Time ends the tries, not their number: a relay may be down for an hour, or refuse for the rest of the day (RFC 5321
/// §4.5.4.1). A message with an expiry is tried until then.
public struct RetryPolicy: Hashable, Sendable {
    /// How long a message without an expiry is tried, from its acceptance or its `send_at`, whichever is later.
    public var giveUpAfter = Duration.seconds(5 * 86_400)
    /// Attempts that are made in any case, the first included: a message may have been held for longer than that.
    public var minAttempts = 5
    /// How long a message without an expiry waits for a provider that is paused or cannot be reached. Such tries use up
    /// no attempt.
    public var holdAtMost = Duration.seconds(10 * 86_400)
    /// The maximum wait before the second attempt. It doubles with each further attempt.
    public var base = Duration.seconds(5)
    /// The upper limit of all waits.
    public var cap = Duration.seconds(900)

    public init() {}

    public init(giveUpAfter: Duration, minAttempts: Int, base: Duration, cap: Duration) {
        self.giveUpAfter = giveUpAfter
        self.minAttempts = minAttempts
        self.base = base
        self.cap = cap
    }

    static let keys: [SettingsKey<Self>] = [
        .duration("give_up_after", \.giveUpAfter, .zero...(.seconds(365 * 86_400))),
        .count("min_attempts", \.minAttempts, 1...1_000),
        .duration("hold_at_most", \.holdAtMost, .seconds(1)...(.seconds(365 * 86_400))),
        .duration("base", \.base, .milliseconds(1)...(.seconds(3_600))),
        .duration("cap", \.cap, .milliseconds(1)...(.seconds(7 * 86_400))),
    ]
}
