public import JSON
public import SobreIntake
public import SobreStore

/// An error as the API reports it: RFC 9457 problem details with a stable `code`.
public struct ProblemDocument: Error, Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// A stable identifier for programs.
    public var code: String
    /// A full sentence that says what is wrong and how to fix it.
    public var detail: String
    public var line: Int?
    public var column: Int?
    public var field: String?
    public var expected: String?

    public init(status: Int, code: String, detail: String, field: String? = nil, expected: String? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.expected = expected
    }

    /// Makes a problem from an invalid message or profile.
    public init(_ problem: IntakeProblem) {
        let status =
            switch problem.code {
            case .invalidJSON, .idempotencyKeysDiffer: 400
            case .unknownProfile: 404
            case .samePerson, .isAlias, .aliasTaken: 409
            case .preconditionFailed: 412
            default: 422
            }
        self.init(
            status: status, code: problem.code.rawValue, detail: problem.message,
            field: problem.field.isEmpty ? nil : problem.field, expected: problem.expected)
        line = problem.line
        column = problem.column
    }

    /// Makes a problem from an error of the store. The underlying cause is only logged.
    public init(_ error: StoreError) {
        switch error.code {
        case .full: self.init(status: 507, code: "store_full", detail: error.message)
        case .overloaded, .locked, .closed:
            self.init(status: 503, code: "store_\(error.code.rawValue)", detail: error.message)
        case .cursor:
            self.init(
                status: 400, code: "store_cursor", detail: error.message,
                expected: "the \"cursor\" of an entry, or none to start from the beginning")
        case .io, .incompatible, .corrupt, .internal:
            self.init(status: 500, code: "store_\(error.code.rawValue)", detail: error.message)
        }
    }

    /// Reads a problem; nil if `ref` is not one.
    public init?(_ ref: JSONRef) {
        guard let detail = ref["detail"]?.string ?? ref["title"]?.string else { return nil }
        self.init(
            status: ref["status"]?.int ?? 0, code: ref["code"]?.string ?? "", detail: detail,
            field: ref["field"]?.string, expected: ref["expected"]?.string)
        line = ref["line"]?.int
        column = ref["column"]?.int
    }

    /// The problem as one sentence: the field, what is wrong, and what would be right.
    public var sentence: String {
        (field.map { "Field \"\($0)\": " } ?? "") + detail + (expected.map { " Expected: \($0)." } ?? "")
    }

    /// Writes the problem as a JSON object.
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            writer.value("urn:sobre:problem:\(code)")
            writer.key("title")
            writer.value(code.prefix(1).uppercased() + code.dropFirst().map { $0 == "_" ? " " : $0 })
            writer.key("status")
            writer.value(status)
            writer.key("code")
            writer.value(code)
            writer.key("detail")
            writer.value(detail)
            if let line {
                writer.key("line")
                writer.value(line)
            }
            if let column {
                writer.key("column")
                writer.value(column)
            }
            writer.member("field", ifPresent: field)
            writer.member("expected", ifPresent: expected)
        }
    }
}
