public import SobreModel
public import SobreStore

/// What became of one message of a batch.
public struct IntakeResult: Sendable {
    /// What became of it.
    public enum Outcome: Sendable {
        /// Stored: it survives a crash and a power cut.
        case accepted(MessageID)
        /// Sent before under the same key: the first message's id.
        case replayed(MessageID)
        /// Not taken; the others of the batch are.
        case rejected(IntakeProblem)
        /// The store could not take it; try it again.
        case notStored(StoreError)
    }

    /// The line of the NDJSON text, or the place in the array, counted from 1.
    public var line: Int
    /// The request's idempotency key, where it could be read.
    public var idempotencyKey: String?
    /// What became of it.
    public var outcome: Outcome

    /// Makes a result.
    public init(line: Int, idempotencyKey: String? = nil, outcome: Outcome) {
        self.line = line
        self.idempotencyKey = idempotencyKey
        self.outcome = outcome
    }
}

/// What became of one profile, consent or suppression of a batch.
public struct ProfileResult: Sendable {
    /// What became of it.
    public enum Outcome: Sendable {
        /// Stored, in force at the next decision.
        case stored
        /// Kept in the history; a newer consent is in force.
        case superseded
        /// Not taken; the others of the batch are.
        case rejected(IntakeProblem)
        /// The store could not take it; try it again.
        case notStored(StoreError)

        /// Whether it is kept.
        public var isTaken: Bool {
            switch self {
            case .stored, .superseded: true
            case .rejected, .notStored: false
            }
        }
    }

    /// The line of the NDJSON text, or the place in the array, counted from 1.
    public var line: Int
    /// The profile's id, where it could be read.
    public var id: String?
    /// What became of it.
    public var outcome: Outcome
}
