/// A provider's report on a delivery after the hand-over.
///
/// The same receipt may arrive several times, early, late and in any order. The result of all receipts of a delivery
/// (``ReceiptFold``) is always the same.
public struct Receipt: Hashable, Sendable {
    /// What happened. The raw value is stored; never renumber. The names are stable and part of the API.
    public enum Kind: UInt8, CaseIterable, Sendable, CustomStringConvertible {
        /// The provider accepted the message.
        case sent = 1
        /// The message reached the mailbox, the handset or the device.
        case delivered = 2
        /// Not delivered now; the address may work again.
        case bouncedSoft = 3
        /// The address does not exist or rejects permanently.
        case bouncedHard = 4
        /// The recipient reported the message as unwanted.
        case complained = 5
        /// The recipient unsubscribed.
        case unsubscribed = 6
        case opened = 7
        case clicked = 8
        /// The recipient did what the sender hoped for, such as a purchase or a visit.
        case converted = 9
        /// The provider accepted the message and gave up before it reached the recipient.
        case failed = 10
        /// The provider never accepted the message, so there was no contact.
        case rejected = 11

        public init?(name: some StringProtocol) {
            guard let kind = Self.allCases.first(where: { $0.description == name }) else { return nil }
            self = kind
        }

        public var description: String {
            switch self {
            case .sent: "sent"
            case .delivered: "delivered"
            case .bouncedSoft: "bounced.soft"
            case .bouncedHard: "bounced.hard"
            case .complained: "complained"
            case .unsubscribed: "unsubscribed"
            case .opened: "opened"
            case .clicked: "clicked"
            case .converted: "converted"
            case .failed: "failed"
            case .rejected: "rejected"
            }
        }
    }

    /// The configured provider's name, as in routes and the log.
    public var provider: String
    /// The provider's own id of the event; nil when it has none.
    public var eventID: String?
    /// Our reference, which every request carries. Nil when only the provider's id identifies the delivery.
    public var delivery: DeliveryID?
    /// The provider's id of the message.
    public var providerID: String?
    public var kind: Kind
    /// When it happened, by the provider's clock.
    public var at: Instant
    /// The provider's reason, without addresses. Cut to ``maxDetailBytes`` bytes.
    public var detail: String
    /// True when the provider's own signature was verified. The receipt is then accepted only for messages this
    /// provider was given. False when it was submitted with an API key, which may report on any message.
    public var isSigned: Bool
    /// The address that it is about, where we know it; nil: the one that the message went to.
    public var address: KeyHash?
    /// Whether the message went to other addresses of the recipient, too. Then a failure at this one is no failure of
    /// the message.
    public var isOneOfSeveral: Bool

    public static let maxDetailBytes = 300

    public init(
        provider: String, eventID: String? = nil, delivery: DeliveryID? = nil, providerID: String? = nil, kind: Kind,
        at: Instant, detail: String = "", isSigned: Bool = false, address: KeyHash? = nil,
        isOneOfSeveral: Bool = false
    ) {
        self.provider = provider
        self.eventID = eventID
        self.delivery = delivery
        self.providerID = providerID
        self.kind = kind
        self.at = at
        self.detail = detail
        self.isSigned = isSigned
        self.address = address
        self.isOneOfSeveral = isOneOfSeveral
    }
}
