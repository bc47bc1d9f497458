public import SobreModel

/// A recipient's consent or refusal, as it is passed to the store.
public struct ConsentStatement: Hashable, Sendable {
    /// The recipient's ID or any alias.
    public var recipient: String
    public var consent: Consent

    public init(recipient: String, consent: Consent) {
        self.recipient = recipient
        self.consent = consent
    }
}

/// The result of recording a consent statement.
public enum ConsentOutcome: String, Hashable, Sendable {
    /// The statement takes effect with the next decision.
    case inForce = "in_force"
    /// The statement is kept in the history only. A newer statement, or a refusal of the same time, is in force.
    case superseded
    /// No profile has this ID. Nothing was kept.
    case unknownProfile = "unknown_profile"
    /// The profile already has the maximum number of consents. Nothing was kept.
    case tooMany = "too_many"
}

/// An entry of the consent history, which is append-only.
public struct ConsentRecord: Hashable, Sendable {
    /// Increases with each entry of a store.
    public var sequence: Int64
    /// The recipient's ID when the entry was recorded. Empty after the recipient was erased.
    public var recipient: String
    public var consent: Consent
    /// When the store recorded the statement, by the store's clock.
    public var recordedAt: Instant

    public init(sequence: Int64, recipient: String, consent: Consent, recordedAt: Instant) {
        self.sequence = sequence
        self.recipient = recipient
        self.consent = consent
        self.recordedAt = recordedAt
    }
}
