/// A way to reach a recipient. What is true of each is a row of ``ChannelTraits``.
///
/// The raw value is stored: never renumber. Numbers have no gaps, so that arrays have a place for each channel.
public enum Channel: UInt8, CaseIterable, Sendable, Hashable, Comparable, CustomStringConvertible {
    case email = 1
    case sms = 2
    case push = 3

    public init?(name: some StringProtocol) {
        guard let channel = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = channel
    }

    public var description: String { ChannelTraits.table[index].name }

    /// Its place among all channels, from 0: for arrays with a value for each.
    public var index: Int { Int(rawValue) - 1 }

    public static func < (a: Channel, b: Channel) -> Bool { a.rawValue < b.rawValue }
}

/// How a message uses the channels of its plan.
public enum ChannelRoute: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// One delivery, on the first channel of the plan that is reachable and admissible.
    case first = 0
    /// One delivery on each channel of the plan; they are not duplicates of each other.
    case all = 1
    /// One delivery, on the channel to which this person has responded best; the plan's order and the rest of its
    /// channels are what it falls back to.
    case best = 2
    /// One delivery a channel, each only when the one before has not succeeded in time: see ``Escalation``. Slot k goes
    /// on channel k of the plan.
    case escalate = 3

    public init?(name: some StringProtocol) {
        guard let route = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = route
    }

    public var description: String {
        switch self {
        case .first: "first"
        case .all: "all"
        case .best: "best"
        case .escalate: "escalate"
        }
    }

    /// Whether delivery k is the one on channel k, rather than one delivery having all channels to choose from.
    public var hasDeliveryPerChannel: Bool { self == .all || self == .escalate }
}

/// The order in which due messages are taken. The raw value is stored and compared; never renumber.
public enum Priority: UInt8, CaseIterable, Sendable, Comparable, CustomStringConvertible {
    case low = 0
    case normal = 1
    case high = 2
    case critical = 3

    public init?(name: some StringProtocol) {
        guard let priority = Self.allCases.first(where: { $0.description == name }) else { return nil }
        self = priority
    }

    public var description: String {
        switch self {
        case .low: "low"
        case .normal: "normal"
        case .high: "high"
        case .critical: "critical"
        }
    }

    public static func < (a: Priority, b: Priority) -> Bool { a.rawValue < b.rawValue }
}
