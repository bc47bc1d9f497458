/// The `date` filter and its input formats.
extension Machine {
    mutating func date(_ input: Value, _ given: Arguments, _ data: TemplateData) throws(Failure) -> Value {
        let pattern = try makeString(given.first)
        guard pattern.count > 0 else { return input }
        try charge(Int(pattern.count) * Work.patternByte)
        guard isMessageDialect else { return try format(input, pattern.text, nil, converts: false) }
        let zone = options.timeZone
        var converts = false
        if let other = try named("time_zone", given, data) {
            try charge(Work.zone)
            options.timeZone = try shortText(other)
            converts = true
        }
        defer { options.timeZone = zone }
        guard
            options.timeZone == zone || options.timeZone == "UTC"
                || options.zones?.offset(
                    of: options.timeZone, atEpochSeconds: 0) != nil
        else {
            throw fail("There is no time zone '\(options.timeZone)'. Use a name such as 'Europe/Paris'.")
        }
        let language = try self.language(given, data)
        guard let language, let index = Machine.namedPattern(pattern.text) else {
            return try format(input, pattern.text, language, converts: converts)
        }
        let localized = try string(language.patterns[index])
        return try format(input, localized.text, language, converts: converts)
    }

    /// The index of the language's own pattern for `short`, `medium`, `long` or `full`.
    private static func namedPattern(_ text: ByteSlice) -> Int? {
        if text.equals("short") { return 0 }
        if text.equals("medium") { return 1 }
        if text.equals("long") { return 2 }
        return text.equals("full") ? 3 : nil
    }

    /// The named argument `locale`, or the render's.
    mutating func language(_ given: Arguments, _ data: TemplateData) throws(Failure) -> Language? {
        try charge(Work.localized)
        if let locale = try named("locale", given, data) {
            try charge(Work.localized)
            return Language.named(try shortText(locale))
        }
        return Language.named(options.locale)
    }

    private mutating func format(
        _ input: Value, _ pattern: ByteSlice, _ language: Language?, converts: Bool
    ) throws(Failure) -> Value {
        guard var time = try instant(input) else { return input }
        // A time with its own offset keeps that offset unless a zone is requested.
        if converts {
            let nanosecond = time.nanosecond
            time = zoned(time.seconds)
            time.nanosecond = nanosecond
        }
        let start = output.count
        guard DateWriter.write(time, pattern, &output, language) else {
            output.truncate(to: start)
            throw fail("A field of this date format is wider than \(DateWriter.maxWidth). Use a smaller width.")
        }
        return try takeOutput(from: start)
    }

    /// The instant of a value: `now`, `today`, seconds since the epoch, or a date text.
    mutating func instant(_ value: Value) throws(Failure) -> ZonedTime? {
        switch value.tag {
        case .int: return zoned(value.asInt)
        case .string: break
        default: return nil
        }
        let text = value.text
        guard text.count > 0 else { return nil }
        try charge(Work.date)
        let now = Int(options.nowMilliseconds.quotientRoundedDown(1000))
        if text.equalsIgnoringCase("now") || text.equalsIgnoringCase("today") {
            var time = zoned(now)
            time.nanosecond = Int(options.nowMilliseconds - Int64(now) * 1000) * 1_000_000
            return time
        }
        if text.count <= 18, text.isDigits, let seconds = Number.parseInteger(text) { return zoned(seconds) }
        let parsed = DateReader.read(text, now: zoned(now).civil) { CivilTime(seconds: now + $0) }
        guard let (civil, offset) = parsed else { return nil }
        if let offset {
            return ZonedTime(
                seconds: civil.seconds - offset, nanosecond: civil.nanosecond, offset: offset,
                zone: offset == 0 ? "UTC" : "")
        }
        var time = zoned(civil.seconds)
        // Takes the offset at the civil time as if it were UTC, then corrects it once with the offset at the result.
        time = zoned(civil.seconds - time.offset)
        time.seconds = civil.seconds - time.offset
        time.nanosecond = civil.nanosecond
        return time
    }

    /// An instant in the render's time zone.
    func zoned(_ seconds: Int) -> ZonedTime {
        // Bounded to about 100,000 years, so that the calendar arithmetic cannot overflow.
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
    /// `literal` must be in lower case.
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
