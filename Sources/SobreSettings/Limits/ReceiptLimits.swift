/// The limits of receipts from providers. Section `receipts` of the settings.
public struct ReceiptLimits: Hashable, Sendable {
    /// The maximum number of waiting receipts in the inbox. Further ones are rejected, and the sender is asked to
    /// retry.
    public var maxWaiting = 100_000
    /// The longest time that a receipt waits for its message.
    public var patience = Duration.seconds(86_400)
    /// The number of receipts applied in one transaction.
    public var batch = 100
    /// How long processed receipts are kept. Repetitions are recognised as long.
    public var keep = Duration.seconds(30 * 86_400)
    /// The maximum number of receipts in one request.
    public var maxPerRequest = 10_000
    /// The maximum number of inbound messages that are kept because they are no keyword. The oldest are dropped.
    public var maxUnheard = 1_000
    /// How much of an email that came back is read, in bytes. The report is at its beginning.
    public var maxMailBytes = 256 << 10
    /// The longest sleep of the receipt processor while nothing is due.
    public var idleWait = Duration.seconds(1)

    /// The number of messages that providers are asked about in one round.
    public var pollBatch = 3_000
    /// The longest sleep while no provider is to be asked about a message.
    public var pollIdleWait = Duration.seconds(5)

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_waiting", \.maxWaiting, 1...10_000_000),
        .duration("patience", \.patience, .seconds(1)...(.seconds(30 * 86_400))),
        .count("batch", \.batch, 1...4_096),
        .duration("keep", \.keep, .seconds(3_600)...(.seconds(3_660 * 86_400))),
        .count("max_per_request", \.maxPerRequest, 1...1_000_000),
        .count("max_unheard", \.maxUnheard, 0...1_000_000),
        .count("max_mail_bytes", \.maxMailBytes, 4_096...(16 << 20)),
        .duration("idle_wait", \.idleWait, .milliseconds(1)...(.seconds(60))),
        .count("poll_batch", \.pollBatch, 1...1_000_000),
        .duration("poll_idle_wait", \.pollIdleWait, .milliseconds(10)...(.seconds(600))),
    ]
}
