public import JSON
public import SobreIntake
public import SobreModel

/// An order to pause sending: `{"campaign": …, "until": …, "reason": …}`, or `{"all": true}`.
public struct PauseOrder: Sendable, Hashable {
    /// What to pause.
    public var filter: DeliveryFilter
    /// When the pause ends by itself; nil for one that must be lifted.
    public var until: Instant?
    public var reason: String

    public init(filter: DeliveryFilter, until: Instant? = nil, reason: String = "") {
        self.filter = filter
        self.until = until
        self.reason = reason
    }

    /// Reads an order.
    ///
    /// - Parameters:
    ///   - ref: the order.
    ///   - limit: how many bytes a name may have.
    ///   - now: `until` must be later than this.
    /// - Throws: `IntakeProblem` with the name of the field.
    public init(_ ref: JSONRef, nameBytes limit: Int, now: Instant) throws(IntakeProblem) {
        filter = .all
        reason = ""
        guard ref.kind == .object else {
            throw IntakeProblem(.wrongType, message: "The order is not an object.", expected: Self.scopes)
        }
        var isAll = false
        for (key, value) in ref.members {
            let name = key.string ?? ""
            guard Self.names.contains(name) || DeliveryFilter.Part(rawValue: name) != nil else {
                throw IntakeProblem(
                    .unknownKey, field: key.path, message: "The key is unknown.",
                    expected: "all, \(Self.parts), until, reason")
            }
            if value.isNull { continue }
            switch name {
            case "all":
                guard let flag = value.bool else { throw Self.wrongType(name, "true or false") }
                isAll = flag
            case "until": until = try Self.instant(value, after: now)
            case "reason": reason = try Self.text(value, name, atMost: SendingPause.maxReasonBytes)
            default:
                guard let part = DeliveryFilter.Part(rawValue: name) else { continue }
                guard let text = value.string else { throw Self.wrongType(name, "a name") }
                if let problem = filter.set(part, to: text, atMost: limit) {
                    throw IntakeProblem(.invalidValue, field: name, message: problem, expected: "a name")
                }
            }
        }
        if let problem = Self.problem(of: filter, isAll: isAll) { throw problem }
    }

    /// What is wrong with what an order is about: everything must be meant in so many words.
    public static func problem(of filter: DeliveryFilter, isAll: Bool) -> IntakeProblem? {
        if filter.isAll, !isAll {
            return IntakeProblem(
                .missingField, field: "all", message: "The order does not say what it is about.", expected: scopes)
        }
        guard !filter.isAll, isAll else { return nil }
        return IntakeProblem(
            .invalidValue, field: "all", message: "The order is about everything and about \(filter).",
            expected: "either all or the others")
    }

    private static let names = ["all", "until", "reason"]
    private static let parts = DeliveryFilter.Part.allCases.map(\.rawValue).joined(separator: ", ")
    private static let scopes = "one or more of \(parts), or \"all\": true"

    private static func text(_ ref: JSONRef, _ name: String, atMost limit: Int) throws(IntakeProblem) -> String {
        guard let text = ref.string else { throw wrongType(name, "a text") }
        if text.isEmpty { return text }
        if let problem = NameRule.problem(in: text, atMost: limit) {
            throw IntakeProblem(
                .invalidValue, field: name, message: problem,
                expected: "at most \(limit) bytes without control characters")
        }
        return text
    }

    private static func instant(_ ref: JSONRef, after now: Instant) throws(IntakeProblem) -> Instant {
        let expected = "an RFC 3339 time in the future, such as 2027-01-01T00:00:00Z"
        guard let instant = ref.string.flatMap({ Instant(rfc3339: $0) }) else { throw wrongType("until", expected) }
        guard instant > now else {
            throw IntakeProblem(
                .invalidValue, field: "until", message: "This time is over; it is \(now).", expected: expected)
        }
        return instant
    }

    private static func wrongType(_ field: String, _ expected: String) -> IntakeProblem {
        IntakeProblem(.wrongType, field: field, message: "\"\(field)\" is not \(expected).", expected: expected)
    }

    /// Writes the order as a JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            Wire.members(of: filter, to: &writer)
            writer.member("until", ifPresent: until?.rfc3339)
            writer.member("reason", ifPresent: reason.isEmpty ? nil : reason)
        }
    }
}
