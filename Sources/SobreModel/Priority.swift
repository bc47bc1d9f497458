/// The order in which due messages are claimed. The raw value is stored and compared; never renumber.
public enum Priority: UInt8, CaseIterable, Sendable, Comparable, CustomStringConvertible {
    case low = 0
    case normal = 1
    case high = 2
    case critical = 3

    /// Whether it is treated before everything else that waits at the same place.
    public var isUrgent: Bool { self >= .high }

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
