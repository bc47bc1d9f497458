public import SobreModel

/// Where a delivery goes when its claim or its attempt ends. What waits says for how long; what is final cannot.
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

    /// Nil for a state in which nothing more is done.
    public var wait: Wait? {
        switch self {
        case .held(let wait), .deferred(let wait): wait
        case .sent, .failed, .dropped, .expired, .unknown: nil
        }
    }
}
