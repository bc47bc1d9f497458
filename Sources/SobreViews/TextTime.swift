public import SobreModel
import Text

/// Instants as text. Always UTC, so that logs of several machines can be compared.
public enum TextTime {
    /// `1997-01-03 09:00:12`
    public static func minuteAndSecond(_ instant: Instant) -> String { "\(day(instant)) \(time(instant))" }

    /// `1997-01-03`
    public static func day(_ instant: Instant) -> String { String(instant.rfc3339.prefix(10)) }

    /// `09:00:12`
    public static func time(_ instant: Instant) -> String { String(instant.rfc3339.dropFirst(11).prefix(8)) }

    /// Parses an RFC 3339 time, a date (its first instant in UTC), or a duration before now such as `2h` or `7d`.
    public static func parse(_ text: String, now: Instant) -> Instant? {
        if let instant = Instant(rfc3339: text) { return instant }
        if let instant = Instant(rfc3339: text + "T00:00:00Z") { return instant }
        return DurationText.parse(text).map { now - $0 }
    }

    /// Parses an RFC 3339 time, a date (its first instant in UTC), or a duration from now such as `2h` or `7d`.
    public static func parseAhead(_ text: String, now: Instant) -> Instant? {
        if let length = DurationText.parse(text) { return now + length }
        return parse(text, now: now)
    }
}
