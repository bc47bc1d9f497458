import YAMLDocument

/// A key of the settings that holds one bounded value: where it goes, and between which bounds.
struct SettingsKey<Target>: Sendable {
    let name: String
    /// What the key was called before; files that still say so are read.
    var formerName: String?
    /// The least and the most, as they are written.
    let least: String
    let most: String
    /// Puts a value of the file into its place.
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

    /// In whole milliseconds: no bound of the settings is finer.
    private static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}

extension Array {
    /// What the keys are called, or were once.
    func names<Target>() -> [String] where Element == SettingsKey<Target> {
        map(\.name) + compactMap(\.formerName)
    }
}
