import YAMLDocument
import ZoneInfo

extension PolicyReader {
    mutating func quiet(_ mapping: YAMLMapping) throws(YAMLError) -> QuietRule {
        try mapping.checkKeys(known: [
            "name", "applies_to", "hours", "except", "zone", "on_hit", "otherwise", "spread", "segment", "on_error",
        ])
        var hours = QuietHours()
        for value in try mapping.require("hours").list() { try addHours(try value.mapping(), to: &hours) }
        for value in try mapping.list("except") { try addException(try value.mapping(), to: &hours) }
        let onHit = try mapping.choice("on_hit", default: RuleAction.hold)
        return QuietRule(
            name: try mapping.string("name"), appliesTo: try selector(mapping["applies_to"]), hours: hours,
            zone: try zoneChoice(mapping["zone"]), onHit: onHit, otherwise: try fallback(mapping, onHit),
            spread: try mapping.duration("spread", default: .seconds(600), in: .zero...(.seconds(86_400))),
            segment: try segment(mapping), line: mapping.value.line)
    }

    private func addHours(_ mapping: YAMLMapping, to hours: inout QuietHours) throws(YAMLError) {
        try mapping.checkKeys(known: ["days", "from", "to"])
        let (from, to) = try stretch(mapping)
        guard let days = mapping["days"] else {
            for day in Weekday.allCases { hours.add(day, from: from, to: to) }
            return
        }
        for value in days.listOrOne {
            for day in try weekdays(value) { hours.add(day, from: from, to: to) }
        }
    }

    private func addException(_ mapping: YAMLMapping, to hours: inout QuietHours) throws(YAMLError) {
        try mapping.checkKeys(known: ["date", "hours"])
        let value = try mapping.require("date")
        let text = try value.string()
        guard let date = CivilDate(text) else {
            throw value.error("\"\(text)\" is not a date", help: "write it as 2026-12-25")
        }
        let quiet = try mapping.require("hours")
        var ranges: [Range<Int>] = []
        if case .scalar = quiet.content {
            switch try quiet.string() {
            case "all": ranges = [0..<QuietHours.minutesPerDay]
            case "none": break
            case let other: throw quiet.unknownName(other, known: ["all", "none"])
            }
        } else {
            for value in try quiet.list() {
                let part = try value.mapping()
                try part.checkKeys(known: ["from", "to"])
                let (from, to) = try stretch(part)
                guard from < to else {
                    throw value.error(
                        "the hours of a date must end on the same date",
                        help: "give the rest in an exception for the next date")
                }
                ranges.append(from..<to)
            }
        }
        hours.setException(date, quiet: ranges)
    }

    private func stretch(_ mapping: YAMLMapping) throws(YAMLError) -> (from: Int, to: Int) {
        let from = try minute(mapping.require("from"))
        let value = try mapping.require("to")
        let to = try minute(value)
        guard from < QuietHours.minutesPerDay, from != to else {
            throw value.error(
                "quiet hours cannot be empty", help: "for a whole day write from: \"00:00\", to: \"24:00\"")
        }
        return (from, to)
    }

    /// Parses `21:30` as minutes after midnight. `24:00` is the end of a day.
    private func minute(_ value: YAMLValue) throws(YAMLError) -> Int {
        let text = try value.string()
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].utf8.count), parts[1].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= QuietHours.minutesPerDay
        else { throw value.error("\"\(text)\" is not a time of day", help: "write it as \"21:30\"") }
        return hour * 60 + minute
    }

    private func weekdays(_ value: YAMLValue) throws(YAMLError) -> [Weekday] {
        let name = try value.string()
        switch name {
        case "daily": return Weekday.allCases
        case "weekdays": return [.monday, .tuesday, .wednesday, .thursday, .friday]
        case "weekends": return [.saturday, .sunday]
        default: break
        }
        guard let day = Weekday(name: name) else {
            throw value.unknownName(
                name, known: Weekday.allCases.map(\.description) + ["daily", "weekdays", "weekends"])
        }
        return [day]
    }
}
