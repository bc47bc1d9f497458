/// The bounds of one source of messages. They stand beside its brokers and topics in the settings.
public struct SourceLimits: Hashable, Sendable {
    /// The most records of one transaction.
    public var batch = 500
    /// No further record is taken into a transaction once its records have so many bytes.
    public var maxBatchBytes = 4 << 20
    /// How long further records are waited for once there is one.
    public var linger = Duration.milliseconds(20)
    /// How many bytes are fetched ahead of what is stored, for each partition.
    public var fetchAheadBytes = 8 << 20
    /// Nothing is read while so many deliveries wait.
    public var maxWaiting = 1_000_000
    /// The wait after a batch could not be stored, or the brokers refused the reader.
    public var backoff = Duration.seconds(1)
    /// After how long without a sign of life the group gives a reader's partitions to others.
    public var sessionTimeout = Duration.seconds(10)
    /// A source with so many records that are not read is in the warnings.
    public var lagWarning = 100_000

    /// The defaults.
    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("batch", \.batch, 1...10_000),
        .bytes("max_batch_bytes", \.maxBatchBytes, 1 << 10...(256 << 20)),
        .duration("linger", \.linger, .zero...(.seconds(10))),
        .bytes("fetch_ahead", \.fetchAheadBytes, 1 << 10...(1 << 30)),
        .count("max_waiting", \.maxWaiting, 1...1_000_000_000),
        .duration("backoff", \.backoff, .milliseconds(1)...(.seconds(3_600))),
        .duration("session_timeout", \.sessionTimeout, .seconds(6)...(.seconds(1_800))),
        .count("lag_warning", \.lagWarning, 1...1_000_000_000),
    ]
}
