/// When a provider is left alone, for how long, and how it is tried again. The section `health` of the settings.
public struct HealthLimits: Hashable, Sendable {
    /// Failed calls in a row after which a provider counts as broken.
    public var failures = 10
    /// How long it is then left alone; doubles with each probe that fails.
    public var brokenFor = Duration.seconds(5)
    /// The longest such wait.
    public var brokenMax = Duration.seconds(300)
    /// Calls at once that try whether a provider works again, and the first after a limit.
    public var probes = 2
    /// How long a provider is left alone whose settings or account are at fault.
    public var pause = Duration.seconds(60)
    /// How long a provider is left alone that asks for less and does not say for how long; doubles until it accepts.
    public var limitedFor = Duration.seconds(1)
    /// The longest such wait.
    public var limitedMax = Duration.seconds(60)
    /// The longest wait that a provider may ask for with `Retry-After`.
    public var retryAfterMax = Duration.seconds(900)

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
    ]
}
