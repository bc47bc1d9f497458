/// What is wrong with one message or profile, said so that its sender can put it right.
public struct IntakeProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable names of what can be wrong; part of the API.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        case invalidJSON = "invalid_json"
        case unknownKey = "unknown_key"
        case missingField = "missing_field"
        case wrongType = "wrong_type"
        case invalidValue = "invalid_value"
        case tooLong = "too_long"
        case unknownTemplate = "unknown_template"
        case unknownCategory = "unknown_category"
        case unknownTimeZone = "unknown_time_zone"
        case noChannel = "no_channel"
        case idempotencyConflict = "idempotency_conflict"
        case tooMany = "too_many"
        case unknownProfile = "unknown_profile"
        case samePerson = "same_person"
        case isAlias = "is_alias"
        case aliasTaken = "alias_taken"
    }

    /// What is wrong, for programs.
    public var code: Code
    /// The line of an NDJSON text or the place in an array, counted from 1; nil for a single request.
    public var line: Int?
    /// The column of malformed JSON, counted from 1.
    public var column: Int?
    /// The field, such as `addresses[0].address`; empty where the whole is meant.
    public var field: String
    /// What is wrong, in a full sentence.
    public var message: String
    /// What would be right.
    public var expected: String?

    /// Makes a problem from its parts.
    public init(
        _ code: Code, field: String = "", message: String, expected: String? = nil, line: Int? = nil,
        column: Int? = nil
    ) {
        self.code = code
        self.field = field
        self.message = message
        self.expected = expected
        self.line = line
        self.column = column
    }

    /// The problem in one line: `line 3, field "channels": … Expected: …`.
    public var description: String {
        var place: [String] = []
        if let line { place.append("line \(line)") }
        if let column { place.append("column \(column)") }
        if !field.isEmpty { place.append("field \"\(field)\"") }
        let prefix = place.isEmpty ? "" : place.joined(separator: ", ") + ": "
        return prefix + message + (expected.map { " Expected: \($0)." } ?? "")
    }

    /// The same problem with its line.
    func at(line: Int?) -> IntakeProblem {
        var copy = self
        copy.line = line
        return copy
    }
}
