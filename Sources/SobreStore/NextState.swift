public import SobreModel

/// The state of a delivery after its claim or attempt ends. Only states that wait carry a ``Wait``.
public enum NextState: Hashable, Sendable {
    case held(Wait)
    case deferred(Wait)
    case sent
    case failed
    case dropped
    case expired
    case unknown

    public var state: DeliveryState {
        switch self {
        case .held: .held
        case .deferred: .deferred
        case .sent: .sent
        case .failed: .failed
        case .dropped: .dropped
        case .expired: .expired
        case .unknown: .unknown
        }
    }

    /// Nil for a final state.
    public var wait: Wait? {
        switch self {
        case .held(let wait), .deferred(let wait): wait
        case .sent, .failed, .dropped, .expired, .unknown: nil
        }
    }
}
