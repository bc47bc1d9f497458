/// Exponential backoff for retries. Section `retry` of the settings.
public struct RetryPolicy: Hashable, Sendable {
    /// The maximum number of attempts, including the first.
    public var maxAttempts = 10
    /// The maximum wait before the second attempt. It doubles with each further attempt.
    public var base = Duration.seconds(5)
    /// The upper limit of all waits.
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
