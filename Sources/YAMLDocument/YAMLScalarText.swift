/// Reads the texts of numbers, durations and sizes.
enum YAMLScalarText {
    /// A decimal integer with optional sign and `_` between digits, or a `0x` integer.
    static func integer(_ text: String) -> Int? {
        guard let digits = withoutUnderscores(text), let first = digits.utf8.first else { return nil }
        if digits.hasPrefix("0x") { return Int(digits.dropFirst(2), radix: 16) }
        guard first == 0x2B || first == 0x2D || isDigit(first) else { return nil }
        return Int(digits)
    }

    /// A decimal number with optional fraction and exponent; no infinities, no hexadecimal.
    static func double(_ text: String) -> Double? {
        guard let digits = withoutUnderscores(text) else { return nil }
        var hasDigit = false
        for byte in digits.utf8 {
            switch byte {
            case 0x30...0x39: hasDigit = true
            case 0x2B, 0x2D, 0x2E, 0x45, 0x65: guard hasDigit || byte != 0x45 && byte != 0x65 else { return nil }
            default: return nil
            }
        }
        guard hasDigit, let value = Double(digits), value.isFinite else { return nil }
        return value
    }

    /// A duration such as `90s`, `7d`, `1h30m`, `1.5h` or `500ms`; units w, d, h, m, s, ms, us in falling order.
    ///
    /// A day is 24 hours. Nil if the text is none or overflows 64 bits of nanoseconds (292 years).
    static func duration(_ text: String) -> Duration? {
        var rest = text[...]
        var total = 0.0
        var whole: Int64 = 0
        var lastUnit = Int64.max
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            let afterDigits = rest.dropFirst(digits.count)
            let name = afterDigits.prefix { $0.isASCII && $0.isLetter }
            guard let unit = nanoseconds(in: name), unit < lastUnit else { return nil }
            lastUnit = unit
            if let count = Int64(digits) {
                let (product, overflow) = count.multipliedReportingOverflow(by: unit)
                let (sum, carry) = whole.addingReportingOverflow(product)
                guard !overflow, !carry else { return nil }
                whole = sum
            } else {
                guard let count = double(String(digits)), count * Double(unit) < 9e18 else { return nil }
                total += count * Double(unit)
            }
            rest = afterDigits.dropFirst(name.count)
        }
        guard lastUnit != .max, Double(whole) + total < 9.2e18 else { return nil }
        return .nanoseconds(whole) + .nanoseconds(Int64(total.rounded()))
    }

    /// A size such as `512`, `64KiB`, `1MiB`, `1.5GiB`, `1kB` or `10MB`, in bytes.
    static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "_") }
        let name = text.dropFirst(digits.count).drop { $0 == " " }
        let unit: Int
        switch name.lowercased() {
        case "", "b": unit = 1
        case "kib", "k": unit = 1 << 10
        case "mib", "m": unit = 1 << 20
        case "gib", "g": unit = 1 << 30
        case "kb": unit = 1_000
        case "mb": unit = 1_000_000
        case "gb": unit = 1_000_000_000
        default: return nil
        }
        if let count = integer(String(digits)) {
            let (product, overflow) = count.multipliedReportingOverflow(by: unit)
            return overflow ? nil : product
        }
        guard let count = double(String(digits)), count * Double(unit) < 9e18 else { return nil }
        return Int((count * Double(unit)).rounded())
    }

    private static func nanoseconds(in unit: Substring) -> Int64? {
        switch unit {
        case "w": 7 * 86_400_000_000_000
        case "d": 86_400_000_000_000
        case "h": 3_600_000_000_000
        case "m", "min": 60_000_000_000
        case "s": 1_000_000_000
        case "ms": 1_000_000
        case "us": 1_000
        default: nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// The text without `_`, each of which must stand between digits; nil if one does not.
    private static func withoutUnderscores(_ text: String) -> String? {
        guard text.utf8.contains(0x5F) else { return text }
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() where byte == 0x5F {
            guard index > 0, index + 1 < bytes.count, isDigit(bytes[index - 1]), isDigit(bytes[index + 1]) else {
                return nil
            }
        }
        return String(decoding: bytes.filter { $0 != 0x5F }, as: UTF8.self)
    }
}
