import JSON
import SobreModel
import SobreSettings
import Text

/// Reads the members of one JSON object. Errors name the field and what would be right.
struct FieldReader {
    let limits: IntakeLimits

    /// The members of an object; anything else is a wrong type.
    func object(_ ref: JSONRef, _ what: String) throws(IntakeProblem) -> JSONMembers {
        guard ref.kind == .object else { throw wrongType(ref, "\(what) as a JSON object") }
        return ref.members
    }

    /// A non-empty string of at most `limit` bytes without control characters.
    func text(_ ref: JSONRef, atMost limit: Int, _ expected: String = "a string") throws(IntakeProblem) -> String {
        guard let text = ref.string else { throw wrongType(ref, expected) }
        try IntakeProblem.checkName(text, field: ref.path, atMost: limit, expected)
        return text
    }

    /// A string, or nil for `null`.
    func optionalText(_ ref: JSONRef, atMost limit: Int) throws(IntakeProblem) -> String? {
        ref.isNull ? nil : try text(ref, atMost: limit)
    }

    /// A name such as a campaign's, or nil for `null`.
    func optionalName(_ ref: JSONRef) throws(IntakeProblem) -> String? {
        try optionalText(ref, atMost: limits.maxNameBytes)
    }

    /// `true` or `false`.
    func bool(_ ref: JSONRef) throws(IntakeProblem) -> Bool {
        guard let flag = ref.bool else { throw wrongType(ref, "true or false") }
        return flag
    }

    /// An instant in RFC 3339, or nil for `null`.
    func optionalInstant(_ ref: JSONRef) throws(IntakeProblem) -> Instant? {
        if ref.isNull { return nil }
        let expected = "an RFC 3339 time with its offset, such as 2026-03-01T09:00:00Z"
        guard let text = ref.string else { throw wrongType(ref, expected) }
        guard let instant = Instant(rfc3339: text) else {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "\(quoted(text)) is not a valid time.",
                expected: expected)
        }
        return instant
    }

    /// One of several names.
    func choice<Choice>(
        _ ref: JSONRef, _ names: [String], _ make: (String) -> Choice?
    ) throws(IntakeProblem) -> Choice {
        let expected = "one of \(names.joined(separator: ", "))"
        guard let name = ref.string else { throw wrongType(ref, expected) }
        if let choice = make(name) { return choice }
        let hint = Suggestion.closest(to: name, among: names).map { " Did you mean \"\($0)\"?" } ?? ""
        throw IntakeProblem(
            .invalidValue, field: ref.path, message: "\(quoted(name)) is not a known value.\(hint)", expected: expected)
    }

    /// A channel's name, in whatever case.
    func channel(_ ref: JSONRef) throws(IntakeProblem) -> Channel {
        try choice(ref, Channel.names) { Channel(name: $0.lowercased()) }
    }

    /// The raw text of an object, or nil for `null`. It is stored and rendered as it is, so a character that databases do
    /// not store as text, U+0000, is refused wherever it stands in it.
    func optionalObject(_ ref: JSONRef, _ example: String) throws(IntakeProblem) -> [UInt8]? {
        if ref.isNull { return nil }
        guard ref.kind == .object else { throw wrongType(ref, "an object such as \(example)") }
        let raw = ref.rawBytes
        guard raw.count <= limits.maxDataBytes else {
            throw IntakeProblem(
                .tooLong, field: ref.path,
                message: "The object has \(raw.count) bytes; at most \(limits.maxDataBytes) are allowed.")
        }
        if let text = ref.firstStringWithNull {
            throw IntakeProblem(
                .invalidValue, field: text.path, message: "The text has a zero character (\\u0000).",
                expected: "text without \\u0000")
        }
        return Array(raw)
    }

    /// The elements of an array with at most `limit` entries.
    func array(_ ref: JSONRef, atMost limit: Int, _ expected: String) throws(IntakeProblem) -> JSONElements {
        guard ref.kind == .array else { throw wrongType(ref, expected) }
        guard ref.count <= limit else {
            throw IntakeProblem(
                .tooMany, field: ref.path, message: "The list has \(ref.count) entries; at most \(limit) are allowed.")
        }
        return ref.elements
    }

    /// The error for an unknown key.
    func unknownKey(_ key: JSONRef, known: [String]) -> IntakeProblem {
        let name = key.string ?? ""
        let expected =
            Suggestion.closest(to: name, among: known).map { "\"\($0)\"" } ?? "one of \(known.joined(separator: ", "))"
        return IntakeProblem(
            .unknownKey, field: key.path, message: "The key \(quoted(name)) is unknown.", expected: expected)
    }

    /// The error for a missing field.
    func missing(_ name: String, in ref: JSONRef, _ expected: String) -> IntakeProblem {
        let path = ref.path
        return IntakeProblem(
            .missingField, field: path.isEmpty ? name : "\(path).\(name)", message: "\"\(name)\" is missing.",
            expected: expected)
    }

    /// The error for a value of another type.
    func wrongType(_ ref: JSONRef, _ expected: String) -> IntakeProblem {
        IntakeProblem(
            .wrongType, field: ref.path, message: "The value is \(ref.kind.description).",
            expected: expected)
    }
}

extension IntakeProblem {
    /// Refuses a text that breaks ``SobreModel/NameRule``, wherever it stands: in a body, a path, a header or an
    /// argument.
    ///
    /// - Parameters:
    ///   - text: the id or name.
    ///   - field: where it stands, for the error.
    ///   - limit: how many bytes it may have.
    ///   - expected: what would be right.
    /// - Throws: a problem that names the field.
    static func checkName(
        _ text: String, field: String, atMost limit: Int, _ expected: String
    ) throws(IntakeProblem) {
        guard let message = NameRule.problem(in: text, atMost: limit) else { return }
        let isTooLong = text.utf8.count > limit
        throw IntakeProblem(
            isTooLong ? .tooLong : .invalidValue, field: field, message: message,
            expected: isTooLong ? nil : text.isEmpty ? expected : "\(expected) without control characters")
    }
}

/// Untrusted text in quotes, safe to show: at most 60 characters, with control characters replaced.
func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(60).map { NameRule.isControl($0) ? "\u{FFFD}" : $0 }
    var shown = String.UnicodeScalarView()
    shown.append(contentsOf: scalars)
    return "\"\(String(shown))\(text.unicodeScalars.count > 60 ? "…" : "")\""
}
