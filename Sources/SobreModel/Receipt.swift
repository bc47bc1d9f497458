/// What a provider tells about a delivery after it was handed over.
///
/// The same receipt may come many times, early, late and in any order: what is made of a delivery's receipts
/// (``ReceiptFold``) is the same.
public struct Receipt: Hashable, Sendable {
    /// What happened. The raw value is stored; never renumber. Names are stable and part of the API.
    public enum Kind: UInt8, CaseIterable, Sendable, CustomStringConvertible {
        /// The provider took the message.
        case sent = 1
        /// It reached the mailbox, the handset or the device.
        case delivered = 2
        /// Not delivered now; the address may work again.
        case bouncedSoft = 3
        /// The address does not exist or refuses for good.
        case bouncedHard = 4
        /// Reported as unwanted.
        case complained = 5
        /// The person wants no more of this.
        case unsubscribed = 6
        case opened = 7
        case clicked = 8
        /// What the sender hoped for has come: a purchase, a visit.
        case converted = 9
        /// The provider took the message and gave it up before it reached anybody.
        case failed = 10
        /// The provider never took the message: nobody was contacted.
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

    /// The configured provider, as routes and the log name it.
    public var provider: String
    /// The provider's own id of the event; nil where it gives none.
    public var eventID: String?
    /// Our reference, which every request carries. Nil: the provider's id has to tell.
    public var delivery: DeliveryID?
    /// The provider's id of the message.
    public var providerID: String?
    public var kind: Kind
    /// When it happened, as the provider says.
    public var at: Instant
    /// The reason in the provider's words, without addresses; at most ``maxDetailBytes`` bytes are kept.
    public var detail: String
    /// Proved by the provider's own signature: then it may speak only of what this provider was given. False: handed in
    /// with an API key, by whoever may speak of everything.
    public var isSigned: Bool

    public static let maxDetailBytes = 300

    public init(
        provider: String, eventID: String? = nil, delivery: DeliveryID? = nil, providerID: String? = nil, kind: Kind,
        at: Instant, detail: String = "", isSigned: Bool = false
    ) {
        self.provider = provider
        self.eventID = eventID
        self.delivery = delivery
        self.providerID = providerID
        self.kind = kind
        self.at = at
        self.detail = detail
        self.isSigned = isSigned
    }
}
