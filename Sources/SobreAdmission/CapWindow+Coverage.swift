import ZoneInfo

/// Bounds how many windows of one rule overlap a window of another.
extension CapWindow {
    private static let day: Int64 = 86_400_000
    /// How much a day can differ from 24 hours: clock changes plus a margin.
    private static let slack: Int64 = 3 * 3_600_000

    /// The greatest number of these windows that one window of the other kind can overlap; nil when there is no bound.
    ///
    /// With at most n contacts in each of these windows, the other window holds at most n times this number.
    func windows(in other: CapWindow) -> Int? {
        switch (self, other) {
        case (.lifetime, _): return 1
        case (_, .lifetime): return nil
        case (.rolling(let width), _):
            guard let length = other.longest else { return nil }
            return Int((length + width - 1) / width)
        case (.calendar(let window), .calendar(let larger)) where window.divides(larger):
            return larger.count / window.count
        case (.calendar(let window), _):
            guard let length = other.longest else { return nil }
            let shortest = Int64(window.shortestDays) * Self.day - Self.slack
            return Int(length / shortest) + 2
        }
    }

    /// The longest possible length of a window in milliseconds; nil for a lifetime.
    private var longest: Int64? {
        switch self {
        case .rolling(let width): width
        case .calendar(let window): Int64(window.longestDays) * Self.day
        case .lifetime: nil
        }
    }
}

extension CalendarWindow {
    fileprivate var shortestDays: Int {
        switch unit {
        case .day: count
        case .week: count * 7
        case .month: count * 28
        }
    }

    /// Whether each window of the other kind consists of whole windows of this one.
    fileprivate func divides(_ other: CalendarWindow) -> Bool {
        unit == other.unit && zone?.name == other.zone?.name && other.count % count == 0
            && (unit != .week || weekStart == other.weekStart)
    }
}
