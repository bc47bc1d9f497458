/// What providers report, and how long it waits for its message. The section `receipts` of the settings.
public struct ReceiptLimits: Hashable, Sendable {
    /// Receipts in the inbox that wait for their message or their turn; beyond, senders are told to come again.
    public var maxWaiting = 100_000
    /// How long one waits at most.
    public var patience = Duration.seconds(86_400)
    /// Receipts applied in one transaction.
    public var batch = 100
    /// How long receipts that are done with are kept, and repetitions are recognised.
    public var keep = Duration.seconds(30 * 86_400)
    /// Receipts in one request.
    public var maxPerRequest = 10_000
    /// The longest sleep of the processor while nothing is due.
    public var idleWait = Duration.seconds(1)

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_waiting", \.maxWaiting, 1...10_000_000),
        .duration("patience", \.patience, .seconds(1)...(.seconds(30 * 86_400))),
        .count("batch", \.batch, 1...4_096),
        .duration("keep", \.keep, .seconds(3_600)...(.seconds(3_660 * 86_400))),
        .count("max_per_request", \.maxPerRequest, 1...1_000_000),
        .duration("idle_wait", \.idleWait, .milliseconds(1)...(.seconds(60))),
    ]
}
