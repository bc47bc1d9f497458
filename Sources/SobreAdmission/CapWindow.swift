import SobreModel
import Text
import ZoneInfo

/// The period over which a cap counts.
enum CapWindow: Sendable {
    /// Any period of this many milliseconds, half open: [x, x + W).
    case rolling(milliseconds: Int64)
    case calendar(CalendarWindow)
    /// The whole ledger.
    case lifetime

    /// How far back contacts can count.
    var reach: Duration {
        switch self {
        case .rolling(let milliseconds): .milliseconds(milliseconds)
        case .calendar(let window): .seconds(86_400 * window.longestDays)
        case .lifetime: .seconds(86_400 * 36_525)
        }
    }

    /// For display, for example `7d rolling` or `calendar month`.
    var description: String {
        switch self {
        case .rolling(let milliseconds): "\(DurationText.exact(.milliseconds(milliseconds))) rolling"
        case .calendar(let window): window.description
        case .lifetime: "lifetime"
        }
    }
}

/// Whole calendar days, weeks or months, or several of them together.
struct CalendarWindow: Sendable {
    enum Unit: String, CaseIterable, Sendable {
        case day
        case week
        case month
    }

    var unit: Unit
    /// How many units make one window. Windows are counted from 1970, so that all servers use the same ones.
    var count: Int
    /// Nil for the recipient's own zone.
    var zone: Zone?
    var weekStart: Weekday

    /// An upper bound of a window's length, in days of 24 hours.
    var longestDays: Int {
        switch unit {
        case .day: count + 1
        case .week: count * 7 + 1
        case .month: count * 31 + 1
        }
    }

    var description: String {
        let length = count == 1 ? unit.rawValue : "\(count) \(unit.rawValue)s"
        return "calendar \(length)" + (zone.map { ", \($0.name)" } ?? "")
    }

    /// The window that contains an instant: [start, end).
    func bounds(at instant: Instant, recipient: Zone) -> (start: Instant, end: Instant) {
        let zone = zone ?? recipient
        let day = zone.day(containing: instant.milliseconds.floorDivided(by: 1_000))
        let (first, next) = dates(around: day)
        return (
            Instant(milliseconds: zone.start(of: first) * 1_000), Instant(milliseconds: zone.start(of: next) * 1_000)
        )
    }

    /// Calls `body` with the windows a rule is evaluated in at an instant. These are the window in the recipient's zone
    /// and, for each former zone, the window that contains the change, until it ends. No calendar window in any zone
    /// the recipient was in can thus exceed the limit.
    func forEachJudged(at instant: Instant, _ zones: RecipientZones, _ body: (_ start: Instant, _ end: Instant) -> Void)
    {
        let own = bounds(at: instant, recipient: zones.calendar)
        body(own.start, own.end)
        guard zone == nil else { return }
        for former in zones.former {
            let window = bounds(at: instant, recipient: former.zone)
            if former.leftAt >= window.start { body(window.start, window.end) }
        }
    }

    /// The first date of the window that contains a date, and the first date after the window.
    private func dates(around day: CivilDate) -> (first: CivilDate, next: CivilDate) {
        switch unit {
        case .day:
            let first = CivilDate(daysSinceEpoch: day.daysSinceEpoch.floorDivided(by: count) * count)
            return (first, first + count)
        case .week:
            // 1970-01-01 was a Thursday, so the first days of weeks are shifted by this many days.
            let shift = weekStart.rawValue - Weekday.thursday.rawValue
            let length = count * 7
            let first = CivilDate(
                daysSinceEpoch: (day.daysSinceEpoch - shift).floorDivided(by: length) * length + shift)
            return (first, first + length)
        case .month:
            let (year, month, _) = day.parts
            let first = ((year - 1_970) * 12 + month - 1).floorDivided(by: count) * count
            return (Self.date(month: first), Self.date(month: first + count))
        }
    }

    /// The first day of a month counted from January 1970.
    private static func date(month: Int) -> CivilDate {
        let years = month.floorDivided(by: 12)
        return CivilDate(year: 1_970 + years, month: month - years * 12 + 1, day: 1)!
    }
}
