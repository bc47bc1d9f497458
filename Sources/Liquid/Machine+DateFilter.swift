/// The `date` filter and what it takes for a date.
extension Machine {
    mutating func date(_ input: Value, _ format: Value) throws(Failure) -> Value {
        let pattern = try makeString(format)
        guard pattern.count > 0, let time = try instant(input) else { return input }
        let start = output.count
        guard DateWriter.write(time, pattern.text, &output) else {
            output.truncate(to: start)
            throw fail("A field of this date format is wider than \(DateWriter.maxWidth). Use a smaller width.")
        }
        return try takeOutput(from: start)
    }

    /// The instant a value names: `now`, `today`, seconds since the epoch, or a date in words.
    mutating func instant(_ value: Value) throws(Failure) -> ZonedTime? {
        switch value.tag {
        case .int: return zoned(value.asInt)
        case .string: break
        default: return nil
        }
        let text = value.text
        guard text.count > 0 else { return nil }
        let now = Int(options.nowMilliseconds.quotientRoundedDown(1000))
        if text.equalsIgnoringCase("now") || text.equalsIgnoringCase("today") {
            var time = zoned(now)
            time.nanosecond = Int(options.nowMilliseconds - Int64(now) * 1000) * 1_000_000
            return time
        }
        if text.count <= 12, text.isDigits, let seconds = Number.parseInteger(text) { return zoned(seconds) }
        guard let (civil, offset, zone) = DateReader.read(text, now: zoned(now).civil) else { return nil }
        if let offset {
            let isUTC = offset == 0 && zone == "UTC"
            return ZonedTime(
                seconds: civil.seconds - offset, nanosecond: civil.nanosecond, offset: offset,
                zone: isUTC ? "UTC" : zone)
        }
        var time = zoned(civil.seconds)
        // The offset at the civil time taken as UTC, then once more where that leads.
        time = zoned(civil.seconds - time.offset)
        time.seconds = civil.seconds - time.offset
        time.nanosecond = civil.nanosecond
        return time
    }

    /// An instant on the clock of the render's zone.
    func zoned(_ seconds: Int) -> ZonedTime {
        // Years beyond 100,000 or so are nobody's date; the calendar arithmetic stays far from overflow.
        let bounded = max(-3_000_000_000_000, min(3_000_000_000_000, seconds))
        if options.timeZone != "UTC", let zones = options.zones,
            let found = zones.offset(of: options.timeZone, atEpochSeconds: Int64(bounded))
        {
            return ZonedTime(seconds: bounded, offset: found.seconds, zone: found.abbreviation)
        }
        return ZonedTime(seconds: bounded)
    }
}

extension Int64 {
    func quotientRoundedDown(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

extension ByteSlice {
    /// `literal` is in lower case.
    func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        guard count == literal.utf8CodeUnitCount else { return false }
        for at in 0..<count where (base[at] &- 0x41 < 26 ? base[at] | 0x20 : base[at]) != literal.utf8Start[at] {
            return false
        }
        return true
    }

    var isDigits: Bool {
        for at in 0..<count where !isDigit(base[at]) { return false }
        return count > 0
    }
}
