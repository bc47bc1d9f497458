import SobreModel
import Text
import ZoneInfo

extension CapWindow {
    /// For example `in any 7 days`, `each calendar week by the recipient's clock` or `ever`.
    var words: String {
        switch self {
        case .rolling(let milliseconds): return "in any \(DurationText.words(.milliseconds(milliseconds)))"
        case .lifetime: return "ever"
        case .calendar(let window):
            let unit =
                window.count == 1
                ? "calendar \(window.unit.rawValue)" : "\(window.count) calendar \(window.unit.rawValue)s"
            let start = window.unit == .week && window.weekStart != .monday ? " from \(window.weekStart)" : ""
            return "each \(unit)\(start)" + (window.zone.map { " in \($0.name)" } ?? " by the recipient's clock")
        }
    }
}

extension QuietHours {
    /// For example `mon-fri 21:00-08:00, sat sun 21:00-09:00; 2 dates of their own`.
    var words: String {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        var groups: [(hours: String, days: [Int])] = []
        for day in 0..<7 {
            let hours = stretches(beginningOn: day).map(Self.stretch).joined(separator: " ")
            if hours.isEmpty { continue }
            if let index = groups.firstIndex(where: { $0.hours == hours }) {
                groups[index].days.append(day)
            } else {
                groups.append((hours, [day]))
            }
        }
        var text = groups.map { group in
            let days =
                group.days.count == 7
                ? "daily"
                : group.days.count > 2 && group.days.last! - group.days[0] == group.days.count - 1
                    ? "\(names[group.days[0]])-\(names[group.days.last!])"
                    : group.days.map { names[$0] }.joined(separator: " ")
            return "\(days) \(group.hours)"
        }.joined(separator: ", ")
        if isEndless { text = "always" }
        if text.isEmpty { text = "never" }
        if exceptionCount > 0 {
            text +=
                "; \(exceptionCount) date\(exceptionCount == 1 ? "" : "s") of \(exceptionCount == 1 ? "its" : "their") own"
        }
        return text
    }

    /// For example `21:00-08:00`; with the number of days when it is longer than one.
    private static func stretch(from: Int, length: Int) -> String {
        let end = (from + length) % minutesPerDay
        let days = (from + length - 1) / minutesPerDay
        return "\(clock(from))-\(end == 0 ? "24:00" : clock(end))" + (days > 1 ? " \(days) days on" : "")
    }

    private static func clock(_ minute: Int) -> String {
        let (hour, minute) = (minute / 60, minute % 60)
        return "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}
