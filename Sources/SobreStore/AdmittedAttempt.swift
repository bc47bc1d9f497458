public import SobreModel

/// The right to make one attempt: one call to one provider, or one for each of a person's devices.
public struct AdmittedAttempt: Hashable, Sendable {
    /// The attempt's row in the ledger.
    public var ledgerID: Int64
    /// Who may record its outcome: the incarnation that was admitted, and when it is gone, whoever follows.
    public var owner: NodeIncarnation
    public var delivery: DeliveryID
    public var attempt: Int
    public var address: Address
    /// The person's other devices: reached by the same attempt, which stays one contact.
    public var furtherAddresses: [Address]
    /// The policy under which it was admitted.
    public var policyVersion: Int
    /// When it was admitted, by the store's clock.
    public var admittedAt: Instant
    /// After this the outcome counts as unknown.
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
