public import SobreModel

/// The source of a lifting of suppressions, for the history.
public struct SuppressionLifting: Hashable, Sendable {
    /// Where the order to lift came from: `api`, `cli`, `sms:twilio`, …
    public var source: String
    /// When the order was given. Nil means the time at which the store records it.
    public var at: Instant?
    /// Evidence for the order. Nil when there is none besides the source.
    public var evidence: String?

    public init(source: String, at: Instant? = nil, evidence: String? = nil) {
        self.source = source
        self.at = at
        self.evidence = evidence
    }
}

/// An entry of the suppression history, which is append-only.
public struct SuppressionRecord: Hashable, Sendable {
    public enum Change: String, Hashable, Sendable {
        /// The suppression is in force from then on.
        case set
        /// The suppression is no longer in force.
        case lifted
    }

    /// Increases with each entry of a store.
    public var sequence: Int64
    public var change: Change
    /// The suppression that was set or lifted. Its `source`, `at` and `evidence` describe this change; after a lifting
    /// they describe the lifting. For an erased recipient `label` and `source` are empty and `evidence` is nil.
    public var suppression: Suppression
    /// When the store recorded the change, by the store's clock.
    public var recordedAt: Instant

    public init(sequence: Int64, change: Change, suppression: Suppression, recordedAt: Instant) {
        self.sequence = sequence
        self.change = change
        self.suppression = suppression
        self.recordedAt = recordedAt
    }
}
