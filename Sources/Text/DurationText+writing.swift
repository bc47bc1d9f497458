extension DurationText {
    /// A duration in the format of settings, without loss: `7d`, `36h`, `90s`, `1500ms`. Uses the greatest unit that
    /// gives a whole number, else microseconds with a fraction. Parts of a nanosecond are dropped.
    public static func exact(_ duration: Duration) -> String {
        let (nanoseconds, isNegative) = magnitude(duration)
        let sign = isNegative ? "-" : ""
        guard nanoseconds > 0 else { return "0s" }
        for (name, length) in units where nanoseconds % length == 0 { return "\(sign)\(nanoseconds / length)\(name)" }
        let fraction = String(nanoseconds % 1_000)
        return "\(sign)\(nanoseconds / 1_000).\(String(repeating: "0", count: 3 - fraction.utf8.count))\(fraction)us"
    }

    /// A duration for display, rounded down to its two greatest units: `3 d 4 h`, `12 min`, `5 s`. A negative one gives
    /// `0 s`.
    public static func rounded(_ duration: Duration) -> String {
        let (nanoseconds, isNegative) = magnitude(duration)
        if isNegative { return "0 s" }
        let milliseconds = nanoseconds / 1_000_000
        if milliseconds > 0, milliseconds < 1_000 { return "\(milliseconds) ms" }
        let units: [(Int64, String)] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")]
        var rest = milliseconds / 1_000
        var parts: [String] = []
        for (length, name) in units where parts.count < 2 {
            if rest >= length { parts.append("\(rest / length) \(name)") } else if !parts.isEmpty { break }
            rest %= length
        }
        return parts.isEmpty ? "0 s" : parts.joined(separator: " ")
    }

    /// A duration for use in a sentence, without loss: `7 days`, `1 hour`, `90 seconds`, `1500 ms`. Uses the greatest
    /// unit that gives a whole number. This is the only format that ``parse(_:)`` cannot read.
    public static func words(_ duration: Duration) -> String {
        let (nanoseconds, isNegative) = magnitude(duration)
        let units: [(Int64, String)] = [
            (86_400_000_000_000, "day"), (3_600_000_000_000, "hour"), (60_000_000_000, "minute"),
            (1_000_000_000, "second"),
        ]
        for (length, name) in units where !isNegative && nanoseconds >= length && nanoseconds % length == 0 {
            let count = nanoseconds / length
            return count == 1 ? "1 \(name)" : "\(count) \(name)s"
        }
        return nanoseconds % 1_000_000 == 0
            ? "\(isNegative ? "-" : "")\(nanoseconds / 1_000_000) ms" : exact(duration)
    }

    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1_000),
    ]

    /// The absolute value in whole nanoseconds; at most 292 years.
    private static func magnitude(_ duration: Duration) -> (nanoseconds: Int64, isNegative: Bool) {
        let (seconds, attoseconds) = (duration < .zero ? .zero - duration : duration).components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return (overflow || carry ? .max : sum, duration < .zero)
    }
}
