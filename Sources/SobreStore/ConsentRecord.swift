public import SobreModel

/// What one person allowed or refused, on its way into the store.
public struct ConsentStatement: Hashable, Sendable {
    /// The person, under any name.
    public var recipient: String
    public var consent: Consent

    public init(recipient: String, consent: Consent) {
        self.recipient = recipient
        self.consent = consent
    }
}

/// What became of a statement about consent.
public enum ConsentOutcome: String, Hashable, Sendable {
    /// It counts from the next decision on.
    case inForce = "in_force"
    /// It is kept in the history; a newer one, or a refusal of the same time, is in force.
    case superseded
    /// Nobody has this id; nothing was kept.
    case unknownProfile = "unknown_profile"
    /// The profile has as many consents as it may; nothing was kept.
    case tooMany = "too_many"
}

/// One entry of the history of consents, which only grows.
public struct ConsentRecord: Hashable, Sendable {
    /// Grows with each entry of a store.
    public var sequence: Int64
    /// The person's id when it was recorded; empty for somebody who was erased.
    public var recipient: String
    public var consent: Consent
    /// When the store took it, by its own clock.
    public var recordedAt: Instant

    public init(sequence: Int64, recipient: String, consent: Consent, recordedAt: Instant) {
        self.sequence = sequence
        self.recipient = recipient
        self.consent = consent
        self.recordedAt = recordedAt
    }
}
