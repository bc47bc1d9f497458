import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreStore

/// An error as the API tells it: RFC 9457 problem details with a stable `code`.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    /// Stable, for programs.
    var code: String
    /// A full sentence that says what is wrong and what to do.
    var detail: String
    var line: Int?
    var column: Int?
    var field: String?
    var expected: String?
    var headers: HTTPFields = [:]
    /// The rest of the request is not worth reading.
    var closesConnection = false

    init(
        _ status: HTTPResponse.Status, _ code: String, _ detail: String, field: String? = nil, expected: String? = nil
    ) {
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.expected = expected
    }

    /// What is wrong with a message or a profile.
    init(_ problem: IntakeProblem) {
        let status: HTTPResponse.Status =
            switch problem.code {
            case .invalidJSON: .badRequest
            case .unknownProfile: .notFound
            case .samePerson, .isAlias, .aliasTaken: .conflict
            default: .unprocessableContent
            }
        self.init(
            status, problem.code.rawValue, problem.message,
            field: problem.field.isEmpty ? nil : problem.field, expected: problem.expected)
        line = problem.line
        column = problem.column
    }

    /// A store that cannot do its work. What lies beneath stays in the log.
    init(_ error: StoreError) {
        switch error.code {
        case .full:
            self.init(.insufficientStorage, "store_full", error.message)
        case .overloaded, .locked, .closed:
            self.init(.serviceUnavailable, "store_\(error.code.rawValue)", error.message)
            headers[.retryAfter] = "1"
        case .cursor:
            self.init(
                .badRequest, "store_cursor", error.message,
                expected: "the \"cursor\" of an entry, or none to begin anew")
        case .io, .incompatible, .corrupt, .internal:
            self.init(.internalServerError, "store_\(error.code.rawValue)", error.message)
        }
    }

    static func notFound(_ what: String) -> Problem { Problem(.notFound, "not_found", "There is no \(what).") }

    /// A request body beyond its bound.
    static func bodyTooLarge(limit: Int) -> Problem {
        var problem = Problem(
            .contentTooLarge, "body_too_large", "The body has more than \(limit) bytes.",
            expected: "a smaller body; send many messages as several batches")
        problem.closesConnection = true
        return problem
    }

    /// The problem as a JSON object.
    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("type")
            writer.value("urn:sobre:problem:\(code)")
            writer.key("title")
            writer.value(code.prefix(1).uppercased() + code.dropFirst().map { $0 == "_" ? " " : $0 })
            writer.key("status")
            writer.value(status.code)
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

    /// The problem as a response.
    func response() -> Response {
        var writer = JSONWriter()
        write(to: &writer)
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        if closesConnection { headers[.connection] = "close" }
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}

extension HTTPResponse.Status {
    /// Some entries of a batch were taken and some were not (RFC 4918 §11.1).
    static let multiStatus = HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status")
    /// RFC 4918 §11.5.
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}
