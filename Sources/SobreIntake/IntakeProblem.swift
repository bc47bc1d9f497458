/// What is wrong with one message, profile, consent, suppression or receipt, and how to fix it.
public struct IntakeProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The stable codes. They are part of the API.
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
        case idempotencyKeysDiffer = "idempotency_keys_differ"
        case tooMany = "too_many"
        case reservedName = "reserved_name"
        case unknownProfile = "unknown_profile"
        case samePerson = "same_person"
        case isAlias = "is_alias"
        case aliasTaken = "alias_taken"
        case preconditionFailed = "precondition_failed"
    }

    /// The code, for programs.
    public var code: Code
    /// The line of the NDJSON text, or the index in the array plus 1; nil for a single request.
    public var line: Int?
    /// The column of a JSON syntax error, from 1.
    public var column: Int?
    /// The path of the field, such as `addresses[0].address`; empty if the problem is about the whole value.
    public var field: String
    /// What is wrong, as a full sentence.
    public var message: String
    /// What would be right.
    public var expected: String?

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

    /// The problem on one line: `line 3, field "channels": … Expected: …`.
    public var description: String {
        var place: [String] = []
        if let line { place.append("line \(line)") }
        if let column { place.append("column \(column)") }
        if !field.isEmpty { place.append("field \"\(field)\"") }
        let prefix = place.isEmpty ? "" : place.joined(separator: ", ") + ": "
        return prefix + message + (expected.map { " Expected: \($0)." } ?? "")
    }

    /// The problem with a line.
    func at(line: Int?) -> IntakeProblem {
        var copy = self
        copy.line = line
        return copy
    }
}
