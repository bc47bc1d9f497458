/// The filters that depend on the recipient's language.
extension Machine {
    mutating func localized(
        _ filter: Filter, _ input: Value, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> Value {
        try charge(Work.localized + Int(input.tag == .string ? input.count : 0) * Work.digit)
        switch filter {
        case .translate: return try translate(input, given, data)
        case .pluralize: return try pluralize(input, given, data)
        case .dateAdd: return try dateAdd(input, given)
        case .daysUntil: return try daysUntil(input)
        case .list: return try conjunction(input, given, data)
        default: break
        }
        // A missing amount stays missing, so that it is reported and not sent as 0.
        if input.isNil { return input }
        let language = try language(given, data) ?? LanguageTables.english
        switch filter {
        case .currency: return try currency(input, given, language, data)
        case .percent:
            let places = given.count > 0 ? try integer(given.first) : 0
            var amount = number(input)
            if amount.wide == nil { amount.scale -= 2 }
            let text = try grouped(amount, places: places, language, keepsZeros: true)
            return try string(text + language.percent)
        default:
            let places = given.count > 0 ? try integer(given.first) : nil
            return try string(try grouped(number(input), places: places, language, keepsZeros: places != nil))
        }
    }

    /// The beginning of a value that names something: a locale, a unit, a currency, a time zone. Longer names name nothing,
    /// and are neither looked up nor repeated whole.
    mutating func shortText(_ value: Value) throws(Failure) -> String {
        let text = try makeString(value).text
        return text.slice(0, min(64, text.count)).string
    }

    // MARK: Numbers

    /// Formats a number in the language, rounded half away from zero to `places`, or to at most 3 if nil.
    private mutating func grouped(
        _ quantity: Quantity, places: Int?, _ language: Language, keepsZeros: Bool
    ) throws(Failure) -> String {
        if quantity.wide != nil { throw fail("This number is too large to be written out.") }
        let wanted = max(0, min(12, places ?? 3))
        var decimal = quantity.decimal
        if decimal.scale < 0 {
            guard let power = Decimal.powerOfTen(-decimal.scale) else { throw fail("This number is too large.") }
            let (digits, overflow) = decimal.digits.multipliedReportingOverflow(by: power)
            if overflow { throw fail("This number is too large to be written out.") }
            decimal = Decimal(digits)
        }
        decimal = decimal.rounded(.half, places: wanted)
        var digits = String(decimal.digits.magnitude)
        while digits.utf8.count <= decimal.scale { digits = "0" + digits }
        var fraction = String(digits.suffix(decimal.scale))
        let whole = String(digits.dropLast(decimal.scale))
        if keepsZeros {
            while fraction.utf8.count < wanted { fraction += "0" }
        } else {
            while fraction.hasSuffix("0") { fraction.removeLast() }
        }
        var result = decimal.digits < 0 ? "-" : ""
        let count = whole.utf8.count
        for (index, digit) in whole.enumerated() {
            if index > 0, count >= language.firstGrouped, (count - index) % 3 == 0 { result += language.group }
            result.append(digit)
        }
        return fraction.isEmpty ? result : result + language.decimal + fraction
    }

    /// `currency: 'EUR'`. With `minor: true`, the amount is in the smallest unit (cents).
    private mutating func currency(
        _ input: Value, _ given: Arguments, _ language: Language, _ data: TemplateData
    ) throws(Failure) -> Value {
        guard given.count > 0 else { throw fail("'currency' needs a code: {{ amount | currency: 'EUR' }}.") }
        let code = try shortText(given.first).uppercased()
        guard code.utf8.count == 3 else {
            throw fail("'\(code)' is not a currency code. Use three letters, as in 'EUR'.")
        }
        let places = Currency.digits(code)
        var amount = number(input)
        if let minor = try named("minor", given, data), minor.isTruthy, amount.wide == nil { amount.scale += places }
        var text = try grouped(amount, places: places, language, keepsZeros: true)
        let isNegative = text.hasPrefix("-")
        if isNegative { text.removeFirst() }
        let sign = Currency.sign(code)
        let placed: String
        if language.currencyFollows {
            placed = text + "\u{A0}" + sign
        } else {
            let gap = sign == code ? "\u{A0}" : language.currencyGap
            placed = sign + gap + text
        }
        return try string(isNegative ? "-" + placed : placed)
    }

    // MARK: Words

    /// `3 | pluralize: 'item', 'items'` gives only the word.
    private mutating func pluralize(_ input: Value, _ given: Arguments, _ data: TemplateData) throws(Failure) -> Value {
        let isOne = try category(input, given, data) == .one
        if isOne { return given.first }
        return given.count > 1 ? given.second : try joined(try makeString(given.first), try string("s"))
    }

    private mutating func category(
        _ count: Value, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> PluralRules.Category {
        var tag = options.locale
        if let locale = try named("locale", given, data) { tag = try shortText(locale) }
        let quantity = number(count)
        let whole = quantity.decimal.rounded(.down).digits
        let fraction = quantity.isInteger ? 0 : max(0, quantity.scale)
        return PluralRules.category(
            of: Int(clamping: whole), fractionDigits: fraction, language: Language.code(of: tag))
    }

    /// `a, b and c` in the recipient's language. `list: 'or'` joins with "or".
    private mutating func conjunction(
        _ input: Value, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> Value {
        let language = try language(given, data) ?? LanguageTables.english
        var usesOr = false
        if given.count > 0 { usesOr = try makeString(given.first).text.equals("or") }
        let word = usesOr ? language.or : language.and
        let bottom = scratch.count
        defer { scratch.pop(to: bottom) }
        try pushItems(input)
        let count = scratch.count - bottom
        var text = ""
        for index in 0..<count {
            try charge(Work.decimal + Int(scratch[bottom + index].count))
            if index > 0 {
                if index < count - 1 {
                    text += language.code == "ja" || language.code == "zh" ? "、" : ", "
                } else if language.code == "ja" || language.code == "zh" {
                    text += word
                } else {
                    text += language.serialComma && count > 2 ? ", \(word) " : " \(word) "
                }
            }
            text += try makeString(scratch[bottom + index]).text.string
        }
        return try string(text)
    }

    /// `'cart.title' | t: name: x, count: n`
    private mutating func translate(_ input: Value, _ given: Arguments, _ data: TemplateData) throws(Failure) -> Value {
        let key = try makeString(input)
        for tree in data.translations {
            var value = find(key.text, in: tree)
            if value.tag == .object, let count = try named("count", given, data) {
                let category = try category(count, given, data)
                let other = find(named: "other", in: value)
                let chosen = try find(string(category.rawValue).text, in: value)
                value = chosen.tag == .string ? chosen : other
            }
            if value.tag == .string { return try interpolate(value.text, given, data) }
        }
        return .missing
    }

    /// The value at a dotted key, or at the whole key as one name.
    private func find(_ key: ByteSlice, in tree: Value) -> Value {
        guard tree.tag == .object else { return .missing }
        let whole = Machine.find(.key(key), in: tree)
        if whole >= 0 { return tree.members[whole].value }
        guard let dot = key.index(of: 0x2E, from: 0, to: key.count) else { return .missing }
        let found = Machine.find(.key(key.slice(0, dot)), in: tree)
        return found < 0 ? .missing : find(key.slice(dot + 1, key.count), in: tree.members[found].value)
    }

    private func find(named name: StaticString, in tree: Value) -> Value {
        find(ByteSlice(base: name.utf8Start, count: name.utf8CodeUnitCount), in: tree)
    }

    /// Replaces `{{ name }}` and `%{name}` in a translation by the named arguments.
    private mutating func interpolate(
        _ text: ByteSlice, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> Value {
        let start = output.count
        var at = 0
        while at < text.count {
            let isDouble = text[at] == 0x7B && at + 1 < text.count && text[at + 1] == 0x7B
            let isPercent = text[at] == 0x25 && at + 1 < text.count && text[at + 1] == 0x7B
            guard isDouble || isPercent, let close = text.index(of: 0x7D, from: at + 2, to: text.count) else {
                output.append(text[at])
                at += 1
                continue
            }
            let name = text.slice(at + 2, close).trimmed()
            at = isDouble && close + 1 < text.count && text[close + 1] == 0x7D ? close + 2 : close + 1
            for index in 0..<given.namedCount {
                let place = given.namedStart + index * 2
                guard constants[arguments[place].index].text.equals(name) else { continue }
                let value = try makeString(try evaluate(arguments[place + 1], data))
                // The translation is markup, but the inserted value is not.
                let isSafe = value.flags & Value.safe != 0 || options.escaping != .html
                if isSafe { output.append(value.text) } else { output.appendHTML(value.text) }
            }
        }
        return try takeOutput(from: start, flags: options.escaping == .html ? Value.safe : 0)
    }

    /// Reports a missing translation like any other undefined value.
    mutating func reportTranslation(_ key: Value) throws(Failure) {
        if options.undefined == .ignore || missingTranslations.count >= 1000 { return }
        // Enough of it to be found in the template.
        let text = try makeString(key).text
        let name = text.slice(0, min(100, text.count)).string
        try charge(Work.localized)
        missingTranslations.append((name, position))
    }

    /// Fails if undefined values are errors and one reaches the output.
    @inline(never)
    mutating func refuseMissingTranslation() throws(Failure) {
        guard options.undefined == .error, let missing = missingTranslations.last else { return }
        throw fail(.undefinedVariable, "There is no translation '\(missing.key)' for '\(options.locale)'. Add it.")
    }

    // MARK: Dates

    /// `date_add: 3, 'days'` gives the moved instant in ISO 8601, in the render's zone.
    private mutating func dateAdd(_ input: Value, _ given: Arguments) throws(Failure) -> Value {
        guard let time = try instant(input) else { return input }
        let amount = max(-1_000_000_000, min(1_000_000_000, try integer(given.first)))
        let unit = given.count > 1 ? try shortText(given.second) : "days"
        var civil = time.civil
        var seconds = time.seconds
        switch unit {
        case "second", "seconds": seconds += amount
        case "minute", "minutes": seconds += amount * 60
        case "hour", "hours": seconds += amount * 3600
        case "day", "days", "week", "weeks":
            civil = CivilTime(seconds: civil.seconds + amount * (unit.hasPrefix("w") ? 7 : 1) * 86400)
            seconds = atClock(civil)
        case "month", "months", "year", "years":
            let months = civil.year * 12 + civil.month - 1 + amount * (unit.hasPrefix("y") ? 12 : 1)
            civil.year = months >= 0 ? months / 12 : (months - 11) / 12
            civil.month = months - civil.year * 12 + 1
            civil.day = min(civil.day, CivilTime.days(in: civil.month, of: civil.year))
            seconds = atClock(civil)
        default:
            throw fail("'\(unit)' is not a unit of time. Use seconds, minutes, hours, days, weeks, months or years.")
        }
        let moved = zoned(seconds)
        let start = output.count
        let pattern: StaticString = moved.offset == 0 ? "%Y-%m-%dT%H:%M:%SZ" : "%Y-%m-%dT%H:%M:%S%:z"
        _ = DateWriter.write(moved, ByteSlice(base: pattern.utf8Start, count: pattern.utf8CodeUnitCount), &output)
        return try takeOutput(from: start)
    }

    /// The instant of a civil time in the render's zone.
    private func atClock(_ civil: CivilTime) -> Int {
        let first = zoned(civil.seconds)
        return civil.seconds - zoned(civil.seconds - first.offset).offset
    }

    /// The number of midnights between now and that day in the render's zone; negative for the past.
    private mutating func daysUntil(_ input: Value) throws(Failure) -> Value {
        guard let time = try instant(input) else { return .missing }
        let now = zoned(Int(options.nowMilliseconds.quotientRoundedDown(1000)))
        return .int(zoned(time.seconds).civil.dayNumber - now.civil.dayNumber)
    }
}
