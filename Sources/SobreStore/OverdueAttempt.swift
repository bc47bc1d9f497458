public import SobreModel

/// An attempt whose intent is recorded but whose outcome is not.
public struct OverdueAttempt: Sendable {
    public var ledgerID: Int64
    /// The incarnation that began the attempt: the calling node's own, or one that is proven gone.
    public var owner: NodeIncarnation
    public var delivery: DeliveryID
    public var attempt: Int
    public var channel: Channel
    public var provider: String
    public var category: String
    public var possibleDuplicate: Bool
    public var policyVersion: Int
    public var templateVersion: String

    public init(
        ledgerID: Int64, owner: NodeIncarnation, delivery: DeliveryID, attempt: Int, channel: Channel,
        provider: String, category: String, possibleDuplicate: Bool, policyVersion: Int, templateVersion: String
    ) {
        self.ledgerID = ledgerID
        self.owner = owner
        self.delivery = delivery
        self.attempt = attempt
        self.channel = channel
        self.provider = provider
        self.category = category
        self.possibleDuplicate = possibleDuplicate
        self.policyVersion = policyVersion
        self.templateVersion = templateVersion
    }
}
