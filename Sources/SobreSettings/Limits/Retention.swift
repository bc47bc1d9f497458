/// How long data is kept. Section `retention` of the settings.
public struct Retention: Hashable, Sendable {
    /// Finished messages with their log.
    public var messages = Duration.seconds(90 * 86_400)
    /// Contacts for caps. Must be at least as long as the longest window of the policy.
    public var ledger = Duration.seconds(400 * 86_400)
    /// Idempotency keys, that is how long a repeated request is recognised.
    public var idempotencyKeys = Duration.seconds(30 * 86_400)
    /// The audit trail.
    public var audit = Duration.seconds(730 * 86_400)
    /// The interval between removals.
    public var interval = Duration.seconds(600)
    /// The number of messages removed in one transaction.
    public var batch = 1_000
    /// The maximum number of transactions in one round. A larger backlog is removed over several rounds.
    public var maxRounds = 10_000

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .duration("messages", \.messages, .seconds(3_600)...(.seconds(3_660 * 86_400))),
        .duration("ledger", \.ledger, .seconds(86_400)...(.seconds(3_660 * 86_400))),
        .duration("idempotency_keys", \.idempotencyKeys, .seconds(3_600)...(.seconds(3_660 * 86_400))),
        .duration("audit", \.audit, .seconds(86_400)...(.seconds(3_660 * 86_400))),
        .duration("interval", \.interval, .seconds(1)...(.seconds(86_400))),
        .count("batch", \.batch, 1...100_000), .count("max_rounds", \.maxRounds, 1...1_000_000),
    ]
}
