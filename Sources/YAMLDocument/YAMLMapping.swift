import Text

/// The keys and values of one YAML mapping.
public struct YAMLMapping: Sendable {
    /// The mapping as a value, to position errors.
    public let value: YAMLValue
    /// The keys with their values, in file order.
    public let entries: [YAMLValue.Entry]

    /// The keys in file order.
    public var keys: [String] { entries.map(\.key) }

    /// The value of a key; nil if the key is absent or its value is null.
    public subscript(key: String) -> YAMLValue? {
        for entry in entries where entry.key == key { return entry.value.isNull ? nil : entry.value }
        return nil
    }

    /// Whether the key is present, even without a value.
    public func contains(_ key: String) -> Bool { entries.contains { $0.key == key } }

    /// Rejects the first key that is not a known one, and suggests the closest.
    public func checkKeys(known: [String]) throws(YAMLError) {
        for entry in entries where !known.contains(entry.key) {
            throw error(at: entry, "unknown key \"\(entry.key)\"", help: Self.help(for: entry.key, known: known))
        }
    }

    /// The value of a required key.
    public func require(_ key: String) throws(YAMLError) -> YAMLValue {
        if let found = self[key] { return found }
        if let entry = entries.first(where: { $0.key == key }) {
            throw error(at: entry, "the key \"\(key)\" has no value")
        }
        let place = value.path.isEmpty ? "the file" : "\"\(value.path)\""
        throw value.error("the key \"\(key)\" is missing", help: "add \"\(key):\" to \(place)")
    }

    /// Makes an error that points at a key.
    public func error(at entry: YAMLValue.Entry, _ message: String, help: String? = nil) -> YAMLError {
        value.source.error(line: entry.line, column: entry.column, message, help: help)
    }

    static func help(for name: String, known: [String]) -> String? {
        if let closest = Suggestion.closest(to: name, among: known) { return "did you mean \"\(closest)\"?" }
        guard !known.isEmpty, known.count <= 24 else { return nil }
        return "known are \(known.joined(separator: ", "))"
    }
}
