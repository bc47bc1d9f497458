/// The rule at the end of a TZif file: a POSIX `TZ` string with the extensions of RFC 8536 §3.3.1, such as
/// `CET-1CEST,M3.5.0,M10.5.0/3` or `<-03>3`.
struct POSIXRule {
    /// Seconds east of Greenwich in standard time.
    var standard: Int32
    /// Seconds east of Greenwich in daylight saving time, with its first and last day; nil if there is none.
    var daylight: (offset: Int32, start: Day, end: Day)?

    /// A day in any year and the time of the change in seconds, which may fall on another day.
    struct Day {
        enum Kind {
            /// 1…365; 29 February is never counted.
            case julian(Int)
            /// 0…365; 29 February is counted.
            case dayOfYear(Int)
            /// The n-th weekday (0 is Sunday) of a month; 5 is the last.
            case monthWeekday(month: Int, week: Int, weekday: Int)
        }
        var kind: Kind
        var time: Int64

        /// Days since 1970-01-01 in this year.
        func days(in year: Int) -> Int {
            let january = CivilDate.days(year: year, month: 1, day: 1)
            switch kind {
            case .julian(let day):
                let isLeap = CivilDate.days(year: year + 1, month: 1, day: 1) - january == 366
                return january + day - 1 + (isLeap && day >= 60 ? 1 : 0)
            case .dayOfYear(let day):
                return january + day
            case .monthWeekday(let month, let week, let weekday):
                let first = CivilDate(daysSinceEpoch: CivilDate.days(year: year, month: month, day: 1))
                let firstWeekday = (first.weekday.rawValue + 1) % 7
                var days = first.daysSinceEpoch + (weekday - firstWeekday + 7) % 7 + (week - 1) * 7
                let next = CivilDate.days(
                    year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
                if days >= next { days -= 7 }
                return days
            }
        }
    }

    init?(_ text: String) {
        var scanner = Scanner(text)
        guard scanner.skipName(), let standard = scanner.time() else { return nil }
        self.standard = -Int32(standard)
        guard !scanner.isAtEnd else { return }
        guard scanner.skipName() else { return nil }
        var offset = self.standard + 3_600
        if !scanner.isNext(",") {
            guard let time = scanner.time() else { return nil }
            offset = -Int32(time)
        }
        guard let start = scanner.day(), let end = scanner.day(), scanner.isAtEnd else { return nil }
        daylight = (offset, start, end)
    }

    /// The changes in a year, in order of time.
    func changes(in year: Int) -> [(at: Int64, offset: Int32)] {
        guard let daylight else { return [] }
        let start = Int64(daylight.start.days(in: year)) * 86_400 + daylight.start.time - Int64(standard)
        let end = Int64(daylight.end.days(in: year)) * 86_400 + daylight.end.time - Int64(daylight.offset)
        let changes = [(at: start, offset: daylight.offset), (at: end, offset: standard)]
        return start <= end ? changes : changes.reversed()
    }

    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = Substring(text).utf8 }

        var isAtEnd: Bool { rest.isEmpty }

        func isNext(_ character: Unicode.Scalar) -> Bool { rest.first == UInt8(ascii: character) }

        private mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard isNext(character) else { return false }
            rest.removeFirst()
            return true
        }

        /// An abbreviation: letters, or anything between `<` and `>`.
        mutating func skipName() -> Bool {
            if skip("<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
                rest = rest[rest.index(after: end)...]
                return true
            }
            let letters = rest.prefix { (65...90).contains($0 & 0xdf) }
            rest = rest[letters.endIndex...]
            return letters.count >= 3
        }

        private mutating func number() -> Int? {
            let digits = rest.prefix { (48...57).contains($0) }
            guard !digits.isEmpty, digits.count <= 4 else { return nil }
            rest = rest[digits.endIndex...]
            return digits.reduce(0) { $0 * 10 + Int($1 - 48) }
        }

        /// `[+-]hh[:mm[:ss]]` in seconds; hours up to 167.
        mutating func time() -> Int64? {
            let sign: Int64 = skip("-") ? -1 : 1
            if sign == 1 { _ = skip("+") }
            guard let hours = number(), hours <= 167 else { return nil }
            var seconds = hours * 3_600
            if skip(":") {
                guard let minutes = number() else { return nil }
                seconds += minutes * 60
                if skip(":") {
                    guard let rest = number() else { return nil }
                    seconds += rest
                }
            }
            return sign * Int64(seconds)
        }

        mutating func day() -> Day? {
            guard skip(",") else { return nil }
            let kind: Day.Kind
            if skip("M") {
                guard let month = number(), (1...12).contains(month), skip("."), let week = number(),
                    (1...5).contains(week), skip("."), let weekday = number(), weekday <= 6
                else { return nil }
                kind = .monthWeekday(month: month, week: week, weekday: weekday)
            } else if skip("J") {
                guard let day = number(), (1...365).contains(day) else { return nil }
                kind = .julian(day)
            } else {
                guard let day = number(), day <= 365 else { return nil }
                kind = .dayOfYear(day)
            }
            guard skip("/") else { return Day(kind: kind, time: 7_200) }
            guard let time = time() else { return nil }
            return Day(kind: kind, time: time)
        }
    }
}
