public import SobreModel

/// Hands messages over to one provider, one at a time. It gets a rendered message and a transport, but never caps,
/// profiles or the store.
public protocol Provider: Sendable {
    /// The name in routes, for example `twilio` or `smtp-main`.
    var name: String { get }
    var channel: Channel { get }

    /// Checks whether this provider can take the message at all, before a slot under a cap is taken for it. Returns nil
    /// if it can, else an outcome with the reason; the router then tries the next provider.
    func refusal(of content: RenderedMessage) -> Outcome?

    /// The same for a recipient: a provider may take a message to one country and not to another.
    func refusal(of content: RenderedMessage, to address: Address) -> Outcome?

    /// Whether ``send(_:over:completion:)`` has no effect before its transport begins the call that carries the
    /// message, which has ``OutboundMessage/mayBegin`` with it. The message may then be prepared while other calls are
    /// on the wire, and the transport holds its call back.
    var preparesAhead: Bool { get }

    /// Asks for the fate of messages later; nil: the provider reports it, or nothing.
    var polling: (any PollingProvider)? { get }

    /// Makes exactly one hand-over. Calls `completion` exactly once, on any thread, within `timeout` plus one second.
    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void)
}

extension Provider {
    public var preparesAhead: Bool { false }
    public var polling: (any PollingProvider)? { nil }

    public func refusal(of content: RenderedMessage, to address: Address) -> Outcome? { refusal(of: content) }
}

/// A rendered message with everything a provider needs to hand it over.
public struct OutboundMessage: Sendable {
    /// Our reference, sent with every request. Providers with idempotency keys use ``key``.
    public var delivery: DeliveryID
    public var attempt: Int
    public var address: Address
    /// Copied by reference: it has many parts, and a call keeps it in several places.
    private var boxed: Boxed<RenderedMessage>
    /// The recipient's id, the campaign and the category, for metadata that receipts return.
    public var recipient: String
    public var campaign: String?
    public var category: String
    /// Whether an earlier hand-over may have reached the recipient.
    public var possibleDuplicate: Bool
    public var admittedAt: Instant
    /// The longest time the whole call may take.
    public var timeout: Duration
    /// When the message is no longer wanted; nil: it does not expire.
    public var expiresAt: Instant?
    /// The message's place in its sender's trace, which providers that speak HTTP pass on; nil for none.
    public var trace: TraceParent?
    /// Whether this call is for one of several devices and not the first of them.
    public var isFurtherDevice: Bool
    /// Passed on with the call that carries the message: ``HTTPCall/mayBegin``, ``MailCall/mayBegin``.
    public var mayBegin: (@Sendable () -> Bool)?

    public var content: RenderedMessage {
        _read { yield boxed.value }
        set { boxed.value = newValue }
    }

    /// The idempotency key. It is the delivery's id, plus the address's hash for further devices.
    public var key: String { isFurtherDevice ? "\(delivery).\(address.subject.rawValue)" : delivery.description }

    public init(
        delivery: DeliveryID, attempt: Int, address: Address, content: RenderedMessage, recipient: String,
        campaign: String?, category: String, possibleDuplicate: Bool, admittedAt: Instant, timeout: Duration,
        isFurtherDevice: Bool = false
    ) {
        self.delivery = delivery
        self.attempt = attempt
        self.address = address
        boxed = Boxed(content)
        self.recipient = recipient
        self.campaign = campaign
        self.category = category
        self.possibleDuplicate = possibleDuplicate
        self.admittedAt = admittedAt
        self.timeout = timeout
        self.isFurtherDevice = isFurtherDevice
    }
}
