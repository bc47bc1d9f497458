public import SobreModel

/// Permission to make one attempt: one call to one provider, or one call for each of a recipient's devices.
public struct AdmittedAttempt: Hashable, Sendable {
    /// The attempt's row in the ledger.
    public var ledgerID: Int64
    /// The incarnation that was admitted. Only it may record the outcome. Once it is proven gone, any other incarnation
    /// may.
    public var owner: NodeIncarnation
    public var delivery: DeliveryID
    public var attempt: Int
    public var address: Address
    /// The recipient's other devices. The same attempt reaches them all and counts as one contact.
    public var furtherAddresses: [Address]
    /// The policy version that admitted the attempt.
    public var policyVersion: Int
    /// When it was admitted, by the store's clock.
    public var admittedAt: Instant
    /// The outcome counts as unknown after this instant.
    public var deadline: Instant

    public init(
        ledgerID: Int64, owner: NodeIncarnation, delivery: DeliveryID, attempt: Int, address: Address,
        furtherAddresses: [Address] = [], policyVersion: Int = 0, admittedAt: Instant, deadline: Instant
    ) {
        self.ledgerID = ledgerID
        self.owner = owner
        self.delivery = delivery
        self.attempt = attempt
        self.address = address
        self.furtherAddresses = furtherAddresses
        self.policyVersion = policyVersion
        self.admittedAt = admittedAt
        self.deadline = deadline
    }
}
