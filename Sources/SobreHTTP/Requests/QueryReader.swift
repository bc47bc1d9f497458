import Hummingbird
import SobreModel
import SobreStore

/// Reads the query of a URL strictly: an unknown or repeated parameter, or an invalid value, is a problem.
///
/// An empty text is an absent one, so that a script can leave a variable empty. An empty number, name, time, flag or
/// cursor is invalid.
struct QueryReader {
    private let values: [String: String]

    init(_ request: Request, known: [String]) throws(Problem) {
        var values: [String: String] = [:]
        for (name, value) in request.uri.queryParameters {
            let name = String(name)
            guard known.contains(name) else {
                throw Self.problem(
                    name, "The parameter \"\(name.prefix(60))\" is unknown.", known.joined(separator: ", "))
            }
            guard values.updateValue(String(value), forKey: name) == nil else {
                throw Self.problem(
                    name, "The parameter \"\(name)\" is given twice.", "one parameter with comma-separated values")
            }
        }
        self.values = values
    }

    /// The value of a parameter; nil if it is absent or empty.
    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The value of a parameter, at most `limit` bytes and without control characters; nil if it is absent or empty.
    func text(_ name: String, atMost limit: Int) throws(Problem) -> String? {
        guard let text = text(name) else { return nil }
        guard text.utf8.count <= limit, text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else {
            throw Self.problem(
                name, "\"\(name)\" is too long or contains control characters.",
                "at most \(limit) bytes without control characters")
        }
        return text
    }

    /// The comma-separated values of a parameter.
    func list(_ name: String) -> [String] {
        values[name]?.split(separator: ",", omittingEmptySubsequences: false).map { String($0) } ?? []
    }

    /// A number within `range`, or `fallback` if the parameter is absent.
    func int(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(Problem) -> Int {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw Self.problem(
                name, "\"\(name)\" is not a number in the allowed range.",
                "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A sequence number; nil if it is absent. `source` says where one comes from.
    func sequence(
        _ name: String, of source: String = "the \"sequence\" of an entry"
    ) throws(Problem) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let number = Int64(text), number >= 0 else {
            throw Self.problem(name, "\"\(name)\" is not a sequence number.", source)
        }
        return number
    }

    /// A cursor of the log; nil if it is absent.
    func cursor(_ name: String) throws(Problem) -> LogCursor? {
        guard let text = values[name] else { return nil }
        return try Self.cursor(text, of: name)
    }

    static func cursor(_ text: String, of name: String) throws(Problem) -> LogCursor {
        guard let cursor = LogCursor(text) else {
            throw problem(name, "\"\(name)\" is not a log cursor.", "the \"cursor\" of an entry")
        }
        return cursor
    }

    /// An instant; nil if it is absent.
    func instant(_ name: String) throws(Problem) -> Instant? {
        guard let text = values[name] else { return nil }
        guard let instant = Instant(rfc3339: text) else {
            throw Self.problem(name, "\"\(name)\" is not a time.", "an RFC 3339 time such as 2026-03-01T09:00:00Z")
        }
        return instant
    }

    /// A Boolean; false if it is absent.
    func flag(_ name: String) throws(Problem) -> Bool {
        switch values[name] {
        case nil, "false"?: return false
        case "true"?: return true
        default: throw Self.problem(name, "\"\(name)\" is neither true nor false.", "true or false")
        }
    }

    /// One name from a closed set; nil if it is absent.
    func choice<Name>(_ name: String, known: [String], _ make: (String) -> Name?) throws(Problem) -> Name? {
        guard let text = values[name] else { return nil }
        guard let value = make(text) else {
            throw Self.problem(
                name, "\"\(text.prefix(60))\" is not a known value.", "one of \(known.joined(separator: ", "))")
        }
        return value
    }

    /// Comma-separated names from a closed set.
    func names<Name: Hashable>(_ name: String, known: [String], _ make: (String) -> Name?) throws(Problem) -> Set<Name>
    {
        var found: Set<Name> = []
        for text in list(name) {
            guard let value = make(text) else {
                throw Self.problem(name, "\"\(text.prefix(60))\" is not a known value.", known.joined(separator: ", "))
            }
            found.insert(value)
        }
        return found
    }

    static func problem(_ name: String, _ detail: String, _ expected: String) -> Problem {
        Problem(.badRequest, "invalid_parameter", detail, field: name, expected: expected)
    }
}
