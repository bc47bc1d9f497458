/// Parses dates like Ruby's `Time.parse`: it uses the parts that it recognises, and takes the rest from the current
/// time.
///
/// Each date format is searched for anywhere in the text. The first match wins and is blanked out, so that the next
/// part is read from the rest. A zone is an offset or one of the few names of RFC 822; any other name is skipped.
struct DateReader {
    var year: Int?
    var month: Int?
    var day: Int?
    var dayOfYear: Int?
    var hour: Int?
    var minute: Int?
    var second: Int?
    var nanosecond: Int?
    /// Seconds east of UTC.
    var offset: Int?
    /// Whether a two-digit year is completed to one of this century or the last.
    var completesYear = true
    var isBeforeChrist = false

    /// Longer texts are not dates.
    static let maxBytes = 128

    /// The civil time in `text`, with its offset if given; nil if it is not a date. `now` provides the missing parts;
    /// `clock` gives the current time at an offset.
    static func read(
        _ text: ByteSlice, now: CivilTime, nowAt clock: (Int) -> CivilTime
    ) -> (civil: CivilTime, offset: Int?)? {
        guard text.count <= maxBytes else { return nil }
        // Allocated on the stack. Nothing retains it.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maxBytes + 1) { bytes in
            let text = DateText(text, in: bytes)
            var reader = DateReader()
            reader.scan(text)
            return reader.finish(reader.offset.map(clock) ?? now)
        }
    }

    private mutating func scan(_ text: DateText) {
        skipWeekday(text)
        readTime(text)
        if readDayFirst(text) || readMonthFirst(text) || readDashed(text) || readEra(text) || readNamedDashed(text)
            || readSlashed(text) || readDotted(text) || readWeekOrDay(text)
        {
        } else if !(readYear(text) || readMonth(text) || readDay(text)) {
            readDigits(text)
        }
        readBeforeChrist(text)
        readRest(text)
        if let year, isBeforeChrist { self.year = 1 - year }
        if let year, completesYear, (0...99).contains(year) { self.year = year + (year >= 69 ? 1900 : 2000) }
    }

    // MARK: Conversion to a time

    private func finish(_ now: CivilTime) -> (civil: CivilTime, offset: Int?)? {
        guard
            year != nil || dayOfYear != nil || month != nil || day != nil || hour != nil || minute != nil
                || second != nil || nanosecond != nil
        else { return nil }
        guard abs(year ?? 0) <= 90_000 else { return nil }
        if let dayOfYear { return finish(now, dayOfYear) }
        var civil = CivilTime(year: year ?? now.year, month: month ?? 1, day: day ?? 1)
        (civil.hour, civil.minute, civil.second) = (hour ?? 0, minute ?? 0, second ?? 0)
        civil.nanosecond = nanosecond ?? 0
        fill(&civil, now)
        if let offset {
            let normal = shifted(civil, by: offset)
            guard DateReader.isTime(normal) else { return nil }
            var local = CivilTime(seconds: normal.seconds + offset)
            local.nanosecond = civil.nanosecond
            return (local, offset)
        }
        return DateReader.isTime(civil) ? (civil, nil) : nil
    }

    /// Without a year, today's parts are used, from the largest down to the first one given.
    private func fill(_ civil: inout CivilTime, _ now: CivilTime) {
        guard year == nil, month == nil else { return }
        civil.month = now.month
        guard day == nil else { return }
        civil.day = now.day
        guard hour == nil else { return }
        civil.hour = now.hour
        guard minute == nil else { return }
        civil.minute = now.minute
        if second == nil { civil.second = now.second }
    }

    private func finish(_ now: CivilTime, _ dayOfYear: Int) -> (civil: CivilTime, offset: Int?)? {
        guard (1...366).contains(dayOfYear) else { return nil }
        var reader = self
        reader.dayOfYear = nil
        let first = CivilTime(year: year ?? now.year, month: 1, day: 1)
        let date = CivilTime(seconds: (first.dayNumber + dayOfYear - 1) * 86400)
        guard date.year == first.year else { return nil }
        (reader.year, reader.month, reader.day) = (date.year, date.month, date.day)
        return reader.finish(now)
    }

    /// The same time in UTC. Out-of-range fields are carried only as far as the offset reaches.
    private func shifted(_ civil: CivilTime, by offset: Int) -> CivilTime {
        var time = civil
        let sign = offset < 0 ? 1 : -1
        var rest = abs(offset)
        func carry(_ field: inout Int, _ size: Int) {
            let part = rest % size
            rest /= size
            guard part != 0 else { return }
            let sum = field + sign * part
            field = (sum % size + size) % size
            rest += sign * ((sum - field) / size)
        }
        carry(&time.second, 60)
        carry(&time.minute, 60)
        carry(&time.hour, 24)
        guard rest != 0, (1...12).contains(time.month) else { return time }
        time.day += sign * rest
        if time.day < 1 {
            time.month -= 1
            if time.month < 1 { (time.year, time.month) = (time.year - 1, 12) }
            time.day = CivilTime.days(in: time.month, of: time.year)
        } else if sign > 0, time.day > CivilTime.days(in: time.month, of: time.year) {
            time.month += 1
            if time.month > 12 { (time.year, time.month) = (time.year + 1, 1) }
            time.day = 1
        }
        return time
    }

    /// Whether Ruby accepts it as a time. 31 February is 2 or 3 March.
    private static func isTime(_ civil: CivilTime) -> Bool {
        (1...12).contains(civil.month) && (1...31).contains(civil.day) && civil.minute < 60 && civil.second <= 60
            && (civil.hour < 24 || civil.hour == 24 && civil.minute == 0 && civil.second == 0)
    }
}
