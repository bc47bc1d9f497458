public import SobreModel

/// The outcome of an attempt, as a store records it.
public struct AttemptRecord: Sendable {
    public var ledgerID: Int64
    public var delivery: DeliveryID
    /// What the outcome proves. `sent` and `unknown` commit the ledger row, `notSent` releases it.
    public var proof: Outcome.Proof
    /// The new state and its reason. When the delivery waits again, `attempt` is the number of attempts used so far.
    public var change: DeliveryChange
    /// Suppressions implied by the provider's answer. They take effect with this record. Their time is when the answer
    /// arrived, by the node's clock.
    public var suppressions: [Suppression]
    /// Of suppressed addresses, since when they are dead by the provider's word. One that was registered later is not
    /// suppressed.
    public var deadSince: [KeyHash: Instant] = [:]
    /// The delivery waits for `change.channel` and must not return to the channels before it.
    public var beginsAtChannel: Bool
    /// What the provider has to be asked about later.
    public var polls: [PendingPoll]

    public init(
        ledgerID: Int64, delivery: DeliveryID, proof: Outcome.Proof, change: DeliveryChange,
        suppressions: [Suppression] = [], beginsAtChannel: Bool = false, polls: [PendingPoll] = []
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.proof = proof
        self.change = change
        self.suppressions = suppressions
        self.beginsAtChannel = beginsAtChannel
        self.polls = polls
    }
}
