/// How a message uses the channels of its plan.
public enum ChannelRoute: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    /// One delivery, on the first channel of the plan that is reachable and admissible.
    case first = 0
    /// One delivery on each channel of the plan; they are not duplicates of each other.
    case all = 1
    /// One delivery, on the channel with the best response from this recipient. The other channels are fallbacks.
    case best = 2
    /// One delivery per channel, each used only when the one before has not succeeded in time; see ``Escalation``. Slot
    /// k uses channel k of the plan.
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

    /// Whether delivery k uses only channel k. Otherwise a single delivery can use any channel of the plan.
    public var hasDeliveryPerChannel: Bool { self == .all || self == .escalate }
}
