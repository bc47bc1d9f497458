import YAMLDocument

/// A key of the settings with one bounded value: the target property and the bounds.
struct SettingsKey<Target>: Sendable {
    let name: String
    /// The name in earlier versions, which is still read.
    var formerName: String?
    /// The minimum and maximum, as text.
    let least: String
    let most: String
    /// Reads a value of the file into the target.
    let read: @Sendable (YAMLValue, inout Target) throws(YAMLError) -> Void

    static func count(
        _ name: String, _ path: any WritableKeyPath<Target, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> SettingsKey {
        SettingsKey(name: name, least: "\(range.lowerBound)", most: "\(range.upperBound)") {
            (value, target) throws(YAMLError) in target[keyPath: path] = try value.int(in: range)
        }
    }

    static func bytes(
        _ name: String, _ path: any WritableKeyPath<Target, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> SettingsKey {
        SettingsKey(name: name, least: "\(range.lowerBound)", most: "\(range.upperBound)") {
            (value, target) throws(YAMLError) in target[keyPath: path] = try value.bytes(in: range)
        }
    }

    static func duration(
        _ name: String, _ path: any WritableKeyPath<Target, Duration> & Sendable, _ range: ClosedRange<Duration>
    ) -> SettingsKey {
        SettingsKey(name: name, least: Self.text(range.lowerBound), most: Self.text(range.upperBound)) {
            (value, target) throws(YAMLError) in target[keyPath: path] = try value.duration(in: range)
        }
    }

    static func flag(_ name: String, _ path: any WritableKeyPath<Target, Bool> & Sendable) -> SettingsKey {
        SettingsKey(name: name, least: "false", most: "true") {
            (value, target) throws(YAMLError) in target[keyPath: path] = try value.bool()
        }
    }

    func formerly(_ name: String) -> SettingsKey {
        var key = self
        key.formerName = name
        return key
    }

    /// In whole milliseconds; no bound is finer.
    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}

extension Array {
    /// All current and former names.
    func names<Target>() -> [String] where Element == SettingsKey<Target> {
        map(\.name) + compactMap(\.formerName)
    }
}
