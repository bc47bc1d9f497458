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
