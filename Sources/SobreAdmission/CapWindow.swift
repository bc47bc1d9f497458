import SobreModel
import Text
import ZoneInfo

/// The time over which a cap counts.
enum CapWindow: Sendable {
    /// Any stretch of this many milliseconds, half open: [x, x + W).
    case rolling(milliseconds: Int64)
    case calendar(CalendarWindow)
    /// As far back as the ledger reaches.
    case lifetime

    /// How far back contacts can matter.
    var reach: Duration {
        switch self {
        case .rolling(let milliseconds): .milliseconds(milliseconds)
        case .calendar(let window): .seconds(86_400 * window.longestDays)
        case .lifetime: .seconds(86_400 * 36_525)
        }
    }

    /// For people: `7d rolling`, `calendar month`.
    var description: String {
        switch self {
        case .rolling(let milliseconds): "\(DurationText.exact(.milliseconds(milliseconds))) rolling"
        case .calendar(let window): window.description
        case .lifetime: "lifetime"
        }
    }
}

/// Whole calendar days, weeks or months, several of them at a time if need be.
struct CalendarWindow: Sendable {
    enum Unit: String, CaseIterable, Sendable {
        case day
        case week
        case month
    }

    var unit: Unit
    /// How many units make one window; windows are counted from 1970, so that everybody agrees on them.
    var count: Int
    /// Nil: the recipient's own.
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

    /// The window around an instant: [start, end).
    func bounds(at instant: Instant, recipient: Zone) -> (start: Instant, end: Instant) {
        let zone = zone ?? recipient
        let day = zone.day(containing: instant.milliseconds.floorDivided(by: 1_000))
        let (first, next) = dates(around: day)
        return (
            Instant(milliseconds: zone.start(of: first) * 1_000), Instant(milliseconds: zone.start(of: next) * 1_000)
        )
    }

    /// The windows that a rule is judged in at an instant: that of the person's zone, and of each former zone the one
    /// that holds the change, as long as it lasts. So no calendar window of a zone that the person was in holds too many.
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

    /// The first date of the window that holds a date, and the first date after it.
    private func dates(around day: CivilDate) -> (first: CivilDate, next: CivilDate) {
        switch unit {
        case .day:
            let first = CivilDate(daysSinceEpoch: day.daysSinceEpoch.floorDivided(by: count) * count)
            return (first, first + count)
        case .week:
            // 1970-01-01 was a Thursday: the weeks' first days are this many days from it.
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
