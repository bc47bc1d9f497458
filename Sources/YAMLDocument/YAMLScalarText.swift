import Text

/// Reads the texts of numbers and sizes.
enum YAMLScalarText {
    /// A decimal integer with optional sign and `_` between digits, or a `0x` integer.
    static func integer(_ text: String) -> Int? {
        guard let digits = withoutUnderscores(text), let first = digits.utf8.first else { return nil }
        if digits.hasPrefix("0x") { return Int(digits.dropFirst(2), radix: 16) }
        guard first == 0x2B || first == 0x2D || first.isASCIIDigit else { return nil }
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

    /// The text without `_`, each of which must stand between digits; nil if one does not.
    private static func withoutUnderscores(_ text: String) -> String? {
        guard text.utf8.contains(0x5F) else { return text }
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() where byte == 0x5F {
            guard index > 0, index + 1 < bytes.count, bytes[index - 1].isASCIIDigit, bytes[index + 1].isASCIIDigit
            else {
                return nil
            }
        }
        return String(decoding: bytes.filter { $0 != 0x5F }, as: UTF8.self)
    }
}
