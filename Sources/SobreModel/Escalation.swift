/// How `route: escalate` continues: the next channel is used unless the success comes in time.
public struct Escalation: Hashable, Sendable {
    /// The success that makes a further channel unnecessary. A later case includes the earlier ones.
    public enum Success: UInt8, CaseIterable, Sendable, Comparable, CustomStringConvertible {
        case delivered = 1
        case opened = 2
        case clicked = 3
        case converted = 4

        public init?(name: some StringProtocol) {
            guard let success = Self.allCases.first(where: { $0.description == name }) else { return nil }
            self = success
        }

        public var description: String {
            switch self {
            case .delivered: "delivered"
            case .opened: "opened"
            case .clicked: "clicked"
            case .converted: "converted"
            }
        }

        public static func < (a: Success, b: Success) -> Bool { a.rawValue < b.rawValue }
    }

    /// How long to wait for the success after a channel was sent, from 1 minute to 30 days. A channel that was not sent
    /// (no address, no consent, rejected) is not waited for.
    public var after: Duration
    public var until: Success

    public init(after: Duration, until: Success) {
        self.after = after
        self.until = until
    }

    public static let allowedWaits: ClosedRange<Duration> = .seconds(60)...(.seconds(30 * 86_400))

    /// The default of `route: escalate`: two hours, until opened.
    public static let standard = Escalation(after: .seconds(7_200), until: .opened)

    /// Whether a delivery in this state has achieved the success.
    ///
    /// A recipient who unsubscribes or complains has seen the message, so no further channel is used.
    public func isMet(by state: DeliveryState) -> Bool {
        switch state {
        case .delivered: until == .delivered
        case .opened: until <= .opened
        case .clicked: until <= .clicked
        case .converted, .unsubscribed, .complained: true
        default: false
        }
    }
}
