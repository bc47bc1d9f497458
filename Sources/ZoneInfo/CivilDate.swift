/// A date in the proleptic Gregorian calendar, without time or zone.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01; negative before.
    public var daysSinceEpoch: Int

    public init(daysSinceEpoch: Int) { self.daysSinceEpoch = daysSinceEpoch }

    /// Makes a date from its parts. Returns nil if there is no such date (30 February, month 13).
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1, day <= 31, abs(year) <= 1_000_000 else { return nil }
        self.init(daysSinceEpoch: Self.days(year: year, month: month, day: day))
        guard self.day == day else { return nil }
    }

    /// Reads `2026-12-25`. Returns nil for anything else, including dates that do not exist.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 4, parts[1].utf8.count == 2, parts[2].utf8.count == 2,
            parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }), let year = Int(parts[0]),
            let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    public static func < (a: CivilDate, b: CivilDate) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }
    public static func + (a: CivilDate, days: Int) -> CivilDate { CivilDate(daysSinceEpoch: a.daysSinceEpoch + days) }
    public static func - (a: CivilDate, days: Int) -> CivilDate { CivilDate(daysSinceEpoch: a.daysSinceEpoch - days) }

    public var year: Int { parts.year }
    /// 1…12.
    public var month: Int { parts.month }
    /// 1…31.
    public var day: Int { parts.day }

    public var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        Weekday(rawValue: (daysSinceEpoch + 3).floorModulo(7))!
    }

    /// Year, month and day in one computation.
    public var parts: (year: Int, month: Int, day: Int) {
        // Days are counted from 0000-03-01, so that the leap day ends its year.
        let shifted = daysSinceEpoch + 719_468
        let era = shifted.floorQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (dayOfYear * 5 + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (marchMonth * 153 + 2) / 5 + 1)
    }

    /// Days since 1970-01-01 of a valid year, month and day.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.floorQuotient(400)
        let yearOfEra = marchYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    public var description: String {
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let (year, month, day) = parts
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}

/// A day of the week, Monday first. The raw value is its position in the week, 0…6.
public enum Weekday: Int, CaseIterable, Sendable, CustomStringConvertible {
    case monday, tuesday, wednesday, thursday, friday, saturday, sunday

    /// Reads `monday` or `mon`.
    public init?(name: some StringProtocol) {
        guard let day = Self.allCases.first(where: { $0.description == name || $0.description.prefix(3) == name })
        else { return nil }
        self = day
    }

    public var description: String {
        switch self {
        case .monday: "monday"
        case .tuesday: "tuesday"
        case .wednesday: "wednesday"
        case .thursday: "thursday"
        case .friday: "friday"
        case .saturday: "saturday"
        case .sunday: "sunday"
        }
    }
}

/// A wall-clock time: a date and a time of day, without zone.
public struct CivilTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var date: CivilDate
    /// 0…86,399, even on civil days that are shorter or longer than 24 hours.
    public var secondOfDay: Int

    public init(_ date: CivilDate, secondOfDay: Int) {
        self.date = date
        self.secondOfDay = secondOfDay
    }

    public init(_ date: CivilDate, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        self.init(date, secondOfDay: hour * 3_600 + minute * 60 + second)
    }

    public var hour: Int { secondOfDay / 3_600 }
    public var minute: Int { secondOfDay / 60 % 60 }
    public var second: Int { secondOfDay % 60 }

    public static func < (a: CivilTime, b: CivilTime) -> Bool { a.secondsSinceEpoch < b.secondsSinceEpoch }

    /// Seconds since 1970-01-01T00:00 by the wall clock, as if it were UTC.
    var secondsSinceEpoch: Int64 { Int64(date.daysSinceEpoch) * 86_400 + Int64(secondOfDay) }

    init(secondsSinceEpoch: Int64) {
        let days = secondsSinceEpoch.floorQuotient(86_400)
        self.init(CivilDate(daysSinceEpoch: Int(days)), secondOfDay: Int(secondsSinceEpoch - days * 86_400))
    }

    public var description: String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(date)T\(two(hour)):\(two(minute)):\(two(second))"
    }
}

extension BinaryInteger {
    /// The quotient rounded towards minus infinity, which dates before 1970 need.
    func floorQuotient(_ divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient
    }

    /// The remainder that has the sign of the divisor.
    func floorModulo(_ divisor: Self) -> Self { self - floorQuotient(divisor) * divisor }
}
