public import JSON
public import SobreIntake
public import SobreModel

/// A request for a new API key: `{"label": …, "scopes": […], "expires_at": …}`.
public struct APIKeyOrder: Sendable, Hashable {
    /// What the key is for, in the owner's words.
    public var label = ""
    public var scopes: Set<APIScope> = []
    /// When the key expires; nil if never.
    public var expiresAt: Instant?

    public init(label: String, scopes: Set<APIScope>, expiresAt: Instant? = nil) {
        self.label = label
        self.scopes = scopes
        self.expiresAt = expiresAt
    }

    /// Reads a request.
    ///
    /// - Parameters:
    ///   - ref: the request.
    ///   - limit: how many bytes the label may have.
    /// - Throws: `IntakeProblem` with the name of the field.
    public init(_ ref: JSONRef, labelBytes limit: Int) throws(IntakeProblem) {
        let names = APIScope.allCases.map(\.rawValue).joined(separator: ", ")
        for (key, value) in ref.members {
            switch key.string {
            case "label": label = try Self.label(value, atMost: limit)
            case "scopes":
                for element in value.elements {
                    guard let scope = element.string.flatMap({ APIScope(rawValue: $0) }) else {
                        throw IntakeProblem(
                            .invalidValue, field: element.path, message: "There is no such scope.", expected: names)
                    }
                    scopes.insert(scope)
                }
            case "expires_at":
                if value.isNull { continue }
                guard let instant = value.string.flatMap({ Instant(rfc3339: $0) }) else {
                    throw IntakeProblem(
                        .invalidValue, field: "expires_at", message: "This is not a time.",
                        expected: "an RFC 3339 time such as 2027-01-01T00:00:00Z")
                }
                expiresAt = instant
            default:
                throw IntakeProblem(
                    .unknownKey, field: key.path, message: "The key is unknown.",
                    expected: "label, scopes, expires_at")
            }
        }
        guard !label.isEmpty else {
            throw IntakeProblem(
                .missingField, field: "label", message: "\"label\" is missing.", expected: "what the key is for")
        }
        guard !scopes.isEmpty else {
            throw IntakeProblem(.missingField, field: "scopes", message: "\"scopes\" is missing.", expected: names)
        }
    }

    private static func label(_ ref: JSONRef, atMost limit: Int) throws(IntakeProblem) -> String {
        let expected = "what the key is for, in at most \(limit) bytes without control characters"
        guard let text = ref.string else {
            throw IntakeProblem(.wrongType, field: "label", message: "The label is not a text.", expected: expected)
        }
        if let message = NameRule.problem(in: text, atMost: limit) {
            throw IntakeProblem(.invalidValue, field: "label", message: message, expected: expected)
        }
        return text
    }

    /// Writes the order as a JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("label")
            writer.value(label)
            writer.key("scopes")
            writer.value(scopes.map(\.rawValue).sorted())
            writer.member("expires_at", ifPresent: expiresAt?.rfc3339)
        }
    }
}
