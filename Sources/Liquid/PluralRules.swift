/// The plural categories of CLDR for cardinal numbers.
enum PluralRules {
    enum Category: String {
        case zero, one, two, few, many, other
    }

    /// The category of a number. `integer` is its integer part, `fractionDigits` the number of visible decimal
    /// places.
    static func category(of integer: Int, fractionDigits: Int, language: String) -> Category {
        let i = integer.magnitude
        let whole = fractionDigits == 0
        let tens = i % 100
        let units = i % 10
        switch language {
        case "ja", "zh", "ko", "vi", "th", "id", "ms", "lo", "my", "km": return .other
        case "fr": return i <= 1 ? .one : whole && i != 0 && i % 1_000_000 == 0 ? .many : .other
        case "pt": return i <= 1 ? .one : whole && i % 1_000_000 == 0 ? .many : .other
        case "es", "it", "ca":
            return i == 1 && whole ? .one : whole && i != 0 && i % 1_000_000 == 0 ? .many : .other
        case "hi", "bn", "fa", "gu", "am", "kn", "zu": return i == 0 || (i == 1 && whole) ? .one : .other
        case "ru", "uk", "be": return slavic(i, tens, units, whole)
        case "pl":
            if i == 1, whole { return .one }
            guard whole else { return .other }
            return (2...4).contains(units) && !(12...14).contains(tens) ? .few : .many
        case "cs", "sk":
            guard whole else { return .many }
            return i == 1 ? .one : (2...4).contains(i) ? .few : .other
        case "sl":
            guard whole else { return .few }
            return tens == 1 ? .one : tens == 2 ? .two : tens == 3 || tens == 4 ? .few : .other
        case "hr", "sr", "bs":
            if units == 1, tens != 11 { return .one }
            return (2...4).contains(units) && !(12...14).contains(tens) ? .few : .other
        case "lt":
            guard whole else { return .many }
            if (11...19).contains(tens) || units == 0 { return .other }
            return units == 1 ? .one : .few
        case "lv": return units == 0 || (11...19).contains(tens) ? .zero : units == 1 && tens != 11 ? .one : .other
        case "ro":
            if i == 1, whole { return .one }
            return !whole || i == 0 || (1...19).contains(tens) ? .few : .other
        case "ar":
            guard whole else { return .other }
            if i <= 2 { return i == 0 ? .zero : i == 1 ? .one : .two }
            return (3...10).contains(tens) ? .few : tens >= 11 ? .many : .other
        case "he": return (i == 1 && whole) || (i == 0 && !whole) ? .one : i == 2 && whole ? .two : .other
        case "ga":
            guard whole else { return .other }
            return i == 1 ? .one : i == 2 ? .two : (3...6).contains(i) ? .few : (7...10).contains(i) ? .many : .other
        case "cy":
            guard whole else { return .other }
            switch i {
            case 0: return .zero
            case 1: return .one
            case 2: return .two
            case 3: return .few
            case 6: return .many
            default: return .other
            }
        default: return i == 1 && whole ? .one : .other
        }
    }

    private static func slavic(_ i: UInt, _ tens: UInt, _ units: UInt, _ whole: Bool) -> Category {
        guard whole else { return .other }
        if units == 1, tens != 11 { return .one }
        return (2...4).contains(units) && !(12...14).contains(tens) ? .few : .many
    }
}
