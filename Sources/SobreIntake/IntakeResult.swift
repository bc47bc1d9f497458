public import SobreModel
public import SobreStore

/// The result for one message of a batch.
public struct IntakeResult: Sendable {
    public enum Outcome: Sendable {
        /// Stored and synced. It survives a crash and a power failure.
        case accepted(MessageID)
        /// Accepted earlier under the same idempotency key. The id is that of the first message.
        case replayed(MessageID)
        /// Rejected. The other entries of the batch are not affected.
        case rejected(IntakeProblem)
        /// The store failed. The message may be sent again.
        case notStored(StoreError)
    }

    /// The line of the NDJSON text, or the index in the array plus 1.
    public var line: Int
    /// The request's idempotency key, if it could be read.
    public var idempotencyKey: String?
    public var outcome: Outcome

    public init(line: Int, idempotencyKey: String? = nil, outcome: Outcome) {
        self.line = line
        self.idempotencyKey = idempotencyKey
        self.outcome = outcome
    }
}

/// The result for one profile, consent or suppression of a batch.
public struct ProfileResult: Sendable {
    public enum Outcome: Sendable {
        /// Stored. In force from the next decision on.
        case stored
        /// Stored in the history only, because a newer consent is in force.
        case superseded
        /// Rejected. The other entries of the batch are not affected.
        case rejected(IntakeProblem)
        /// The store failed. The entry may be sent again.
        case notStored(StoreError)

        /// Whether the entry is stored.
        public var isTaken: Bool {
            switch self {
            case .stored, .superseded: true
            case .rejected, .notStored: false
            }
        }
    }

    /// The line of the NDJSON text, or the index in the array plus 1.
    public var line: Int
    /// The id of the profile, or the label of the suppression; nil if the entry could not be read.
    public var id: String?
    public var outcome: Outcome
}
