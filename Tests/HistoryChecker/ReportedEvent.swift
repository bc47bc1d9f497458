/// What a provider tells of a message; of several tellings the later in this list says most.
///
/// What a person did outweighs what a machine says; a final refusal outweighs a delivery to a mailbox; any sign that it was
/// taken outweighs the word that it was not.
public enum ReportedEvent: Int, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    /// The provider never took it: nobody was contacted.
    case rejected
    /// The provider took it and gave it up.
    case failed
    case bouncedSoft
    case delivered
    case bouncedHard
    case opened, clicked, converted, unsubscribed, complained

    public static func < (a: ReportedEvent, b: ReportedEvent) -> Bool { a.rawValue < b.rawValue }

    /// As providers and the manual name it.
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

    /// Where a delivery stands of which this says most.
    var state: String {
        switch self {
        case .rejected, .failed: "failed"
        case .bouncedSoft, .bouncedHard: "bounced"
        default: description
        }
    }

    /// Whether the message came to the person.
    var isArrival: Bool {
        switch self {
        case .rejected, .failed, .bouncedSoft, .bouncedHard: false
        default: true
        }
    }
}
