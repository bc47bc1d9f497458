/// All that the receipts of one delivery say, in a form that depends neither on their order nor on repetition: of each
/// kind the earliest.
public struct ReceiptFold: Hashable, Sendable {
    /// One kind of event, as it was told first.
    public struct Event: Hashable, Sendable, Comparable {
        public var at: Instant
        public var detail: String
        /// The hour of the recipient's week under which it was counted; nil: under none.
        public var hour: Int?

        public init(at: Instant, detail: String = "", hour: Int? = nil) {
            self.at = at
            self.detail = detail
            self.hour = hour
        }

        public static func < (a: Event, b: Event) -> Bool { (a.at, a.detail) < (b.at, b.detail) }
    }

    public private(set) var events: [Receipt.Kind: Event]

    public init(_ events: [Receipt.Kind: Event] = [:]) { self.events = events }

    public subscript(kind: Receipt.Kind) -> Event? { events[kind] }

    public var isEmpty: Bool { events.isEmpty }

    /// Takes an event in.
    ///
    /// - Returns: false when it tells nothing new: one of its kind and no later is known.
    @discardableResult
    public mutating func add(_ kind: Receipt.Kind, _ event: Event) -> Bool {
        if let known = events[kind], known <= event { return false }
        events[kind] = event
        return true
    }

    /// The kind that decides: what says most about the person outweighs what says less.
    public var strongest: Receipt.Kind? { events.keys.max { $0.weight < $1.weight } }

    /// Whether anything says that the provider took the message.
    public var provesAcceptance: Bool { events.keys.contains { $0 != .rejected } }

    /// Whether it reached the person, by what is told or follows from it.
    public var provesDelivery: Bool { events.keys.contains { $0.provesDelivery } }

    /// Where a delivery stands that stood at `state` before the last event came in.
    ///
    /// - Parameter state: the state so far, itself made of some of these events or of none; never `attempting`.
    /// - Returns: the new state, or the same.
    public func state(from state: DeliveryState) -> DeliveryState {
        switch strongest {
        case nil: state
        // The provider's own acceptance stands against it.
        case .rejected: state == .unknown ? .failed : state
        case .sent: .sent
        case .failed: .failed
        case .bouncedSoft, .bouncedHard: .bounced
        case .delivered: .delivered
        case .opened: .opened
        case .clicked: .clicked
        case .converted: .converted
        case .unsubscribed: .unsubscribed
        case .complained: .complained
        }
    }
}

extension Receipt.Kind {
    /// The greater outweighs the smaller: what a person did outweighs what a machine says, a final refusal outweighs a
    /// delivery to a mailbox, and any sign of acceptance outweighs the word that nothing was taken.
    var weight: Int {
        switch self {
        case .rejected: 0
        case .sent: 1
        case .failed: 2
        case .bouncedSoft: 3
        case .delivered: 4
        case .bouncedHard: 5
        case .opened: 6
        case .clicked: 7
        case .converted: 8
        case .unsubscribed: 9
        case .complained: 10
        }
    }

    var provesDelivery: Bool {
        switch self {
        case .delivered, .opened, .clicked, .converted, .unsubscribed, .complained: true
        case .sent, .bouncedSoft, .bouncedHard, .failed, .rejected: false
        }
    }

    /// Whether it tells that the message must not be sent again, although its delivery waits for another attempt.
    public var endsWaiting: Bool { self != .failed && self != .rejected }
}

extension DeliveryState {
    /// The states that only receipts lead to.
    public static let reported: Set<DeliveryState> = [
        .delivered, .bounced, .opened, .clicked, .converted, .unsubscribed, .complained,
    ]
}
