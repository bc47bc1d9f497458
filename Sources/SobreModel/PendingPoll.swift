/// A message whose fate its provider tells only when it is asked.
public struct PendingPoll: Hashable, Sendable {
    /// The store's number of it; 0 before it is stored.
    public var id: Int64
    public var provider: String
    /// The provider's id of the message, or of the part for one device.
    public var providerID: String
    public var delivery: DeliveryID
    /// The address it went to.
    public var address: KeyHash
    /// Whether the message went to other addresses of the recipient, too.
    public var isOneOfSeveral: Bool
    /// When the provider accepted it, by the store's clock.
    public var since: Instant
    /// How often it was asked for without an answer.
    public var tries: Int
    /// The wait before the first question.
    public var wait: Duration

    public init(
        id: Int64 = 0, provider: String, providerID: String, delivery: DeliveryID, address: KeyHash,
        isOneOfSeveral: Bool = false, since: Instant = .epoch, tries: Int = 0, wait: Duration = .zero
    ) {
        self.id = id
        self.provider = provider
        self.providerID = providerID
        self.delivery = delivery
        self.address = address
        self.isOneOfSeveral = isOneOfSeveral
        self.since = since
        self.tries = tries
        self.wait = wait
    }
}
