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
    /// Whether two targets have the same value.
    let isSame: @Sendable (Target, Target) -> Bool
    /// Takes the value over from the first target.
    let copy: @Sendable (Target, inout Target) -> Void

    private init<Value: Equatable & SendableMetatype>(
        _ name: String, _ path: any WritableKeyPath<Target, Value> & Sendable, least: String, most: String,
        value: @escaping @Sendable (YAMLValue) throws(YAMLError) -> Value
    ) {
        self.name = name
        self.least = least
        self.most = most
        read = { (text, target) throws(YAMLError) in target[keyPath: path] = try value(text) }
        isSame = { $0[keyPath: path] == $1[keyPath: path] }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
    }

    static func count(
        _ name: String, _ path: any WritableKeyPath<Target, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> SettingsKey {
        SettingsKey(name, path, least: "\(range.lowerBound)", most: "\(range.upperBound)") {
            value throws(YAMLError) in try value.int(in: range)
        }
    }

    static func bytes(
        _ name: String, _ path: any WritableKeyPath<Target, Int> & Sendable, _ range: ClosedRange<Int>
    ) -> SettingsKey {
        SettingsKey(name, path, least: "\(range.lowerBound)", most: "\(range.upperBound)") {
            value throws(YAMLError) in try value.bytes(in: range)
        }
    }

    static func duration(
        _ name: String, _ path: any WritableKeyPath<Target, Duration> & Sendable, _ range: ClosedRange<Duration>
    ) -> SettingsKey {
        SettingsKey(name, path, least: Self.text(range.lowerBound), most: Self.text(range.upperBound)) {
            value throws(YAMLError) in try value.duration(in: range)
        }
    }

    static func flag(_ name: String, _ path: any WritableKeyPath<Target, Bool> & Sendable) -> SettingsKey {
        SettingsKey(name, path, least: "false", most: "true") { value throws(YAMLError) in try value.bool() }
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
