import SobreModel

/// Writes durations as policies do: `7d`, `36h`, `90s`, `1500ms`.
enum DurationText {
    static func of(_ milliseconds: Int64) -> String {
        let units: [(Int64, String)] = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")]
        for (length, name) in units where milliseconds >= length && milliseconds % length == 0 {
            return "\(milliseconds / length)\(name)"
        }
        return "\(milliseconds)ms"
    }

    static func of(_ duration: Duration) -> String { of(duration.milliseconds) }
}
