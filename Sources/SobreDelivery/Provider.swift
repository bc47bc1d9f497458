public import SobreModel

/// Hands one message at a time to one provider. Sees a rendered message and a transport; never caps, profiles or a store.
public protocol Provider: Sendable {
    /// As routes name it, for example `twilio` or `smtp-main`.
    var name: String { get }
    var channel: Channel { get }

    /// Says whether the message can be handed over at all, before a cap's slot is taken for it.
    /// A reason in words when not: the router tries the next provider.
    func refusal(of content: RenderedMessage) -> Outcome?

    /// Makes exactly one hand-over and calls `completion` exactly once, on any thread, within `timeout` and a second.
    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void)
}

/// A rendered message with what a provider needs to hand it over.
public struct OutboundMessage: Sendable {
    /// Our reference: goes out with every request. See ``key`` for providers with idempotency keys.
    public var delivery: DeliveryID
    public var attempt: Int
    public var address: Address
    public var content: RenderedMessage
    /// The recipient's id, the campaign and the category, for metadata that comes back with receipts.
    public var recipient: String
    public var campaign: String?
    public var category: String
    /// An earlier hand-over may have reached the person.
    public var possibleDuplicate: Bool
    public var admittedAt: Instant
    /// The most that the whole call may take.
    public var timeout: Duration
    /// One of several devices that the delivery reaches, and not the first.
    public var isFurtherDevice: Bool

    /// What tells a provider that two calls are one: the delivery's id, and for further devices which of them.
    public var key: String { isFurtherDevice ? "\(delivery).\(address.subject.rawValue)" : delivery.description }

    public init(
        delivery: DeliveryID, attempt: Int, address: Address, content: RenderedMessage, recipient: String,
        campaign: String?, category: String, possibleDuplicate: Bool, admittedAt: Instant, timeout: Duration,
        isFurtherDevice: Bool = false
    ) {
        self.delivery = delivery
        self.attempt = attempt
        self.address = address
        self.content = content
        self.recipient = recipient
        self.campaign = campaign
        self.category = category
        self.possibleDuplicate = possibleDuplicate
        self.admittedAt = admittedAt
        self.timeout = timeout
        self.isFurtherDevice = isFurtherDevice
    }
}
