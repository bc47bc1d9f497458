/// Durations as text: one grammar for settings, policies, requests and the command line, and the matching formatter.
///
/// A duration is one or more pairs of a number and a unit, with the units in descending order: `90s`, `7d`, `1h30m`,
/// `1.5h`, `500ms`. Spaces are allowed between them, so that displayed durations can be pasted: `3 d 4 h`. A day has 24
/// hours. Negative durations are not accepted.
public enum DurationText {
    /// The format of a duration, for error messages.
    public static let hint = "write a number and a unit: w, d, h, m, s, ms or us, such as 7d, 1h30m or 500ms"

    /// Parses a duration. Nil when the text is not one, or is longer than 292 years, the range of 64 bits of
    /// nanoseconds.
    public static func parse(_ text: some StringProtocol) -> Duration? {
        var rest = Array(text.utf8)[...]
        guard let last = rest.last, last != 0x20 else { return nil }
        var total: Int64 = 0
        var previousUnit = Int64.max
        while !rest.isEmpty {
            guard let number = takeNumber(from: &rest) else { return nil }
            skipSpaces(in: &rest)
            let name = rest.prefix { $0.isASCIILetter }
            rest = rest.dropFirst(name.count)
            guard let unit = nanoseconds(in: String(decoding: name, as: UTF8.self)), unit < previousUnit,
                let part = number.nanoseconds(unit: unit)
            else { return nil }
            previousUnit = unit
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
            skipSpaces(in: &rest)
        }
        return .nanoseconds(total)
    }

    /// Parses a duration and checks that it is in a range.
    public static func read(
        _ text: some StringProtocol, in range: ClosedRange<Duration>
    ) throws(DurationError) -> Duration {
        guard let duration = parse(text) else { throw DurationError(text: String(text), range: nil) }
        guard range.contains(duration) else { throw DurationError(text: String(text), range: range) }
        return duration
    }

    // MARK: - Numbers and units

    /// A decimal number as its whole part and its fraction.
    private struct Number {
        var whole: Int64
        /// At most 18 digits. Further digits are smaller than any unit can represent.
        var fraction: Int64
        /// Ten to the power of the number of fraction digits.
        var scale: Int64

        /// The number of nanoseconds, rounded; nil when it does not fit.
        func nanoseconds(unit: Int64) -> Int64? {
            let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
            let rest = fraction.multipliedFullWidth(by: unit)
            // The fraction is less than the scale, so the quotient is less than the unit.
            let (quotient, remainder) = scale.dividingFullWidth(rest)
            let (sum, carry) = product.addingReportingOverflow(quotient + (remainder >= scale - remainder ? 1 : 0))
            return overflow || carry ? nil : sum
        }
    }

    private static func takeNumber(from text: inout ArraySlice<UInt8>) -> Number? {
        let whole = text.prefix { $0.isASCIIDigit }
        text = text.dropFirst(whole.count)
        var fraction = text[text.startIndex..<text.startIndex]
        if text.first == UInt8(ascii: ".") {
            fraction = text.dropFirst().prefix { $0.isASCIIDigit }
            text = text.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        let kept = String(decoding: fraction.prefix(18), as: UTF8.self)
        guard let number = whole.isEmpty ? 0 : Int64(String(decoding: whole, as: UTF8.self)) else { return nil }
        let scale = kept.utf8.reduce(Int64(1)) { scale, _ in scale * 10 }
        return Number(whole: number, fraction: Int64(kept) ?? 0, scale: scale)
    }

    private static func skipSpaces(in text: inout ArraySlice<UInt8>) { text = text.drop { $0 == 0x20 } }

    private static func nanoseconds(in unit: String) -> Int64? {
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
}
