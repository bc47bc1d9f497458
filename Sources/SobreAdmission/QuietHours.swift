import ZoneInfo

/// The quiet minutes of a week, and of single dates with hours of their own. Evaluated in local time.
struct QuietHours: Sendable, Hashable {
    static let minutesPerDay = 1_440
    static let minutesPerWeek = 7 * minutesPerDay
    /// How many days ahead the end of quiet hours is searched for.
    static let daysSearched = 400

    /// One bit per minute of the week, Monday 00:00 first.
    private var bits = [UInt64](repeating: 0, count: (minutesPerWeek + 63) / 64)
    /// Quiet minutes of single dates (days since 1970). They replace the week's.
    private var exceptions: [Int: [Range<Int>]] = [:]

    /// Adds quiet hours that begin on a weekday. An end at or before the begin is on the next day.
    mutating func add(_ day: Weekday, from: Int, to: Int) {
        let start = day.rawValue * Self.minutesPerDay + from
        let length = to > from ? to - from : to + Self.minutesPerDay - from
        for minute in start..<(start + length) {
            let place = minute % Self.minutesPerWeek
            bits[place / 64] |= 1 << UInt64(place % 64)
        }
    }

    /// Sets the quiet minutes of a date. The week's quiet hours do not apply on it, including those from the evening
    /// before.
    mutating func setException(_ date: CivilDate, quiet: [Range<Int>]) { exceptions[date.daysSinceEpoch] = quiet }

    /// Whether every minute of every week is quiet.
    var isEndless: Bool { bits.reduce(0) { $0 + $1.nonzeroBitCount } == Self.minutesPerWeek }

    /// Whether no minute is ever quiet.
    var isEmpty: Bool { bits.allSatisfy { $0 == 0 } && exceptions.values.allSatisfy(\.isEmpty) }

    /// How many dates have quiet hours of their own.
    var exceptionCount: Int { exceptions.count }

    /// The quiet periods of the week that begin on a day (0 is Monday), as the minute of the day and the length in
    /// minutes. Empty when the whole week is quiet.
    func stretches(beginningOn day: Int) -> [(from: Int, length: Int)] {
        func isSet(_ place: Int) -> Bool {
            let place = (place + Self.minutesPerWeek) % Self.minutesPerWeek
            return bits[place / 64] & (1 << UInt64(place % 64)) != 0
        }
        let start = day * Self.minutesPerDay
        var found: [(from: Int, length: Int)] = []
        for minute in 0..<Self.minutesPerDay where isSet(start + minute) && !isSet(start + minute - 1) {
            var length = 1
            while length < Self.minutesPerWeek, isSet(start + minute + length) { length += 1 }
            found.append((minute, length))
        }
        return found
    }

    func isQuiet(_ local: CivilTime) -> Bool { isQuiet(local.date, minute: local.secondOfDay / 60) }

    private func isQuiet(_ date: CivilDate, minute: Int) -> Bool {
        if !exceptions.isEmpty, let ranges = exceptions[date.daysSinceEpoch] {
            return ranges.contains { $0.contains(minute) }
        }
        let place = date.weekday.rawValue * Self.minutesPerDay + minute
        return bits[place / 64] & (1 << UInt64(place % 64)) != 0
    }

    /// The first later minute of local time that is not quiet; nil when there is none within `daysSearched`.
    func firstOpen(after local: CivilTime) -> CivilTime? {
        var date = local.date
        var minute = local.secondOfDay / 60 + 1
        for _ in 0..<Self.daysSearched {
            if exceptions[date.daysSinceEpoch] == nil {
                minute = firstOpen(on: date.weekday, from: minute)
                if minute < Self.minutesPerDay { return CivilTime(date, secondOfDay: minute * 60) }
            }
            while minute < Self.minutesPerDay {
                if !isQuiet(date, minute: minute) { return CivilTime(date, secondOfDay: minute * 60) }
                minute += 1
            }
            minute = 0
            date = date + 1
        }
        return nil
    }

    /// The first minute of a weekday, from `minute` on, that is not quiet. Returns `minutesPerDay` when there is none.
    /// Checks 64 minutes at a time.
    private func firstOpen(on day: Weekday, from minute: Int) -> Int {
        let begin = day.rawValue * Self.minutesPerDay
        var place = begin + minute
        while place < begin + Self.minutesPerDay {
            let open = ~bits[place / 64] >> UInt64(place % 64)
            if open != 0 { return min(place + open.trailingZeroBitCount - begin, Self.minutesPerDay) }
            place = (place / 64 + 1) * 64
        }
        return Self.minutesPerDay
    }
}
