/// The steps of a decision, in order.
enum AdmissionStep: UInt8, CaseIterable, Sendable, CustomStringConvertible {
    case cancelled = 1
    case expiry
    case recipient
    case controlGroup
    case operatorPause
    case restored
    case escalation
    case channels
    case address
    case suppression
    case consent
    case window
    case duplicate
    case quietHours
    case pause
    case caps
    case bestTime
    case clock
    case facts
    case route
    case content

    var description: String {
        switch self {
        case .cancelled: "cancelled"
        case .expiry: "expiry"
        case .recipient: "recipient"
        case .controlGroup: "control_group"
        case .operatorPause: "operator_pause"
        case .restored: "restored"
        case .escalation: "escalation"
        case .channels: "channels"
        case .address: "address"
        case .suppression: "suppression"
        case .consent: "consent"
        case .window: "window"
        case .duplicate: "duplicate"
        case .quietHours: "quiet_hours"
        case .pause: "pause"
        case .caps: "caps"
        case .bestTime: "best_time"
        case .clock: "clock"
        case .facts: "facts"
        case .route: "route"
        case .content: "content"
        }
    }
}
