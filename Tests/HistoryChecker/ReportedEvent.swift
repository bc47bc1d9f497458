/// The events that a provider reports for a message, in order of significance: of several, the last in this list
/// wins.
///
/// An action of the recipient outweighs a machine's report; a final rejection outweighs a delivery to a mailbox; any
/// sign of acceptance outweighs a report of non-acceptance.
public enum ReportedEvent: Int, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    /// The provider never accepted it: no one was contacted.
    case rejected
    /// The provider accepted it and gave up.
    case failed
    case bouncedSoft
    case delivered
    case bouncedHard
    case opened, clicked, converted, unsubscribed, complained

    public static func < (a: ReportedEvent, b: ReportedEvent) -> Bool { a.rawValue < b.rawValue }

    /// The name used by providers and the manual.
    public var description: String {
        switch self {
        case .rejected: "rejected"
        case .failed: "failed"
        case .bouncedSoft: "bounced.soft"
        case .delivered: "delivered"
        case .bouncedHard: "bounced.hard"
        case .opened: "opened"
        case .clicked: "clicked"
        case .converted: "converted"
        case .unsubscribed: "unsubscribed"
        case .complained: "complained"
        }
    }

    /// The state of a delivery of which this is the most significant event.
    var state: String {
        switch self {
        case .rejected, .failed: "failed"
        case .bouncedSoft, .bouncedHard: "bounced"
        default: description
        }
    }

    /// Whether the message reached the recipient.
    var isArrival: Bool {
        switch self {
        case .rejected, .failed, .bouncedSoft, .bouncedHard: false
        default: true
        }
    }
}
