import SobreModel

/// Instants and durations for people. Always UTC, so that logs of several machines can be compared.
enum TextTime {
    /// `1997-01-03 09:00:12`
    static func minuteAndSecond(_ instant: Instant) -> String { "\(day(instant)) \(time(instant))" }

    /// `1997-01-03`
    static func day(_ instant: Instant) -> String { String(instant.rfc3339.prefix(10)) }

    /// `09:00:12`
    static func time(_ instant: Instant) -> String { String(instant.rfc3339.dropFirst(11).prefix(8)) }

    /// `3 d 4 h`, `12 min`, `5 s`: the two greatest units.
    static func length(_ duration: Duration) -> String {
        let seconds = max(0, duration.milliseconds / 1000)
        if duration.milliseconds > 0, seconds == 0 { return "\(duration.milliseconds) ms" }
        let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
        var rest = seconds
        var parts: [String] = []
        for (size, name) in units where parts.count < 2 {
            if rest >= size { parts.append("\(rest / size) \(name)") } else if !parts.isEmpty { break }
            rest %= size
        }
        return parts.isEmpty ? "0 s" : parts.joined(separator: " ")
    }

    /// Reads an RFC 3339 time, a date (its first instant in UTC), or a time back from now such as `2h` or `7d`.
    static func parse(_ text: String, now: Instant) -> Instant? {
        if let instant = Instant(rfc3339: text) { return instant }
        if let instant = Instant(rfc3339: text + "T00:00:00Z") { return instant }
        guard let unit = text.last, let count = Int64(text.dropLast()), count >= 0, count < 1_000_000 else {
            return nil
        }
        switch unit {
        case "s": return now - .seconds(count)
        case "m": return now - .seconds(count * 60)
        case "h": return now - .seconds(count * 3600)
        case "d": return now - .seconds(count * 86_400)
        default: return nil
        }
    }
}
