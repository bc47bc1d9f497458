/// When a message is tried again, and how often: exponential backoff. The section `retry` of the settings.
public struct RetryPolicy: Hashable, Sendable {
    /// Attempts in all, the first included.
    public var maxAttempts = 10
    /// The greatest wait before the second attempt; it doubles with each further one.
    public var base = Duration.seconds(5)
    /// No wait is longer.
    public var cap = Duration.seconds(900)

    public init() {}

    public init(maxAttempts: Int, base: Duration, cap: Duration) {
        self.maxAttempts = maxAttempts
        self.base = base
        self.cap = cap
    }

    static let keys: [SettingsKey<Self>] = [
        .count("max_attempts", \.maxAttempts, 1...100),
        .duration("base", \.base, .milliseconds(1)...(.seconds(3_600))),
        .duration("cap", \.cap, .milliseconds(1)...(.seconds(7 * 86_400))),
    ]
}
