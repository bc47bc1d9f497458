public import SobreModel

/// By whose word suppressions are lifted, for their history.
public struct SuppressionLifting: Hashable, Sendable {
    /// Who said so: `api`, `cli`, `sms:twilio`, …
    public var source: String
    /// When it was said. Nil: when the store takes it.
    public var at: Instant?
    /// What shows that it was said. Nil: nothing more than the source.
    public var evidence: String?

    public init(source: String, at: Instant? = nil, evidence: String? = nil) {
        self.source = source
        self.at = at
        self.evidence = evidence
    }
}

/// One entry of the history of suppressions, which only grows.
public struct SuppressionRecord: Hashable, Sendable {
    public enum Change: String, Hashable, Sendable {
        /// It stands from then on.
        case set
        /// It stands no more.
        case lifted
    }

    /// Grows with each entry of a store.
    public var sequence: Int64
    public var change: Change
    /// What was set or lifted. Its `source`, `at` and `evidence` tell of this change: of one that was lifted, by whose word.
    /// For somebody who was erased, `label` and `source` are empty and there is no evidence.
    public var suppression: Suppression
    /// When the store took it, by its own clock.
    public var recordedAt: Instant

    public init(sequence: Int64, change: Change, suppression: Suppression, recordedAt: Instant) {
        self.sequence = sequence
        self.change = change
        self.suppression = suppression
        self.recordedAt = recordedAt
    }
}
