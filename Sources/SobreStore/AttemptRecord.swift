public import SobreModel

/// The end of an attempt.
public struct AttemptRecord: Sendable {
    public var ledgerID: Int64
    /// The attempt's delivery.
    public var delivery: DeliveryID
    /// What is proven: `sent` and `unknown` commit the ledger row, `notSent` releases it.
    public var proof: Outcome.Proof
    /// The new state with its reason; `attempt` is how many attempts a delivery that waits again has used up.
    public var change: DeliveryChange
    /// Suppressions that the provider's answer implies, in force with this record. They bear the time at which the answer
    /// came, by the node's clock.
    public var suppressions: [Suppression]
    /// The delivery waits for `change.channel` and is not to go back to the channels before it.
    public var beginsAtChannel: Bool

    public init(
        ledgerID: Int64, delivery: DeliveryID, proof: Outcome.Proof, change: DeliveryChange,
        suppressions: [Suppression] = [], beginsAtChannel: Bool = false
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.proof = proof
        self.change = change
        self.suppressions = suppressions
        self.beginsAtChannel = beginsAtChannel
    }
}
