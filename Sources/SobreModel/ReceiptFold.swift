/// All receipts of one delivery combined, independent of their order and of duplicates: the earliest event of each
/// kind.
public struct ReceiptFold: Hashable, Sendable {
    /// The earliest known event of one kind.
    public struct Event: Hashable, Sendable, Comparable {
        public var at: Instant
        public var detail: String
        /// The hour of the recipient's week under which it was counted; nil when it was not.
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

    /// Adds an event.
    ///
    /// - Returns: false when it is not new, because an event of its kind that is no later is already known.
    @discardableResult
    public mutating func add(_ kind: Receipt.Kind, _ event: Event) -> Bool {
        if let known = events[kind], known <= event { return false }
        events[kind] = event
        return true
    }

    /// The kind that determines the state. What says most about the recipient has the greatest weight.
    public var strongest: Receipt.Kind? { events.keys.max { $0.weight < $1.weight } }

    /// Whether any event proves that the provider accepted the message.
    public var provesAcceptance: Bool { events.keys.contains { $0 != .rejected } }

    /// Whether any event proves or implies that the message reached the recipient.
    public var provesDelivery: Bool { events.keys.contains { $0.provesDelivery } }

    /// The state of a delivery that was in `state` before the last event was added.
    ///
    /// - Parameter state: the current state, which itself follows from some or none of these events; never
    ///   `attempting`.
    /// - Returns: the new state, or the same one.
    public func state(from state: DeliveryState) -> DeliveryState {
        switch strongest {
        case nil: state
        // The provider's own acceptance takes precedence.
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
    /// The kind with the greatest weight wins. Actions of a recipient outweigh reports of machines, a permanent
    /// rejection outweighs a delivery to a mailbox, and any sign of acceptance outweighs a report that nothing was
    /// accepted.
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

    /// Whether it tells what a recipient did with the message, which some laws allow only with consent.
    public var isTracking: Bool { self == .opened || self == .clicked }

    /// Whether the message must not be sent again, although its delivery waits for another attempt.
    public var endsWaiting: Bool { self != .failed && self != .rejected }
}

extension DeliveryState {
    /// The states only receipts lead to.
    public static let reported: Set<DeliveryState> = [
        .delivered, .bounced, .opened, .clicked, .converted, .unsubscribed, .complained,
    ]
}
