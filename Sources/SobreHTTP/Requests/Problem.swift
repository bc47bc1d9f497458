import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreStore
import SobreWire

/// An error response of the API: RFC 9457 problem details with a stable `code`.
struct Problem: Error, Sendable {
    var status: HTTPResponse.Status
    /// A stable identifier for programs.
    var code: String
    /// A full sentence that says what is wrong and how to fix it.
    var detail: String
    var line: Int?
    var column: Int?
    var field: String?
    var expected: String?
    var headers: HTTPFields = [:]
    /// Whether to close the connection after the response, because the rest of the request is not read.
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

    /// Makes a problem from its JSON document.
    init(_ document: ProblemDocument) {
        self.init(
            HTTPResponse.Status(code: document.status), document.code, document.detail, field: document.field,
            expected: document.expected)
        line = document.line
        column = document.column
    }

    /// Makes a problem from an invalid message or profile.
    init(_ problem: IntakeProblem) { self.init(ProblemDocument(problem)) }

    /// Makes a problem from an error of the store. Transient ones get `Retry-After`.
    init(_ error: StoreError) {
        self.init(ProblemDocument(error))
        if status == .serviceUnavailable { headers[.retryAfter] = "1" }
    }

    static func notFound(_ what: String) -> Problem { Problem(.notFound, "not_found", "There is no \(what).") }

    /// The problem for a body that exceeds `limit` bytes.
    static func bodyTooLarge(limit: Int) -> Problem {
        var problem = Problem(
            .contentTooLarge, "body_too_large", "The body has more than \(limit) bytes.",
            expected: "a smaller body; send many messages as several batches")
        problem.closesConnection = true
        return problem
    }

    /// Writes the problem as a JSON object.
    func write(to writer: inout JSONWriter) {
        var document = ProblemDocument(
            status: status.code, code: code, detail: detail, field: field, expected: expected)
        document.line = line
        document.column = column
        document.write(to: &writer)
    }

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
    /// Some entries of a batch were accepted and some were not (RFC 4918 §11.1).
    static let multiStatus = HTTPResponse.Status(code: 207, reasonPhrase: "Multi-Status")
    /// The disk is full (RFC 4918 §11.5).
    static let insufficientStorage = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")

    /// The status of a batch of which nothing was stored because the store failed: that of its failures.
    ///
    /// - Parameter failures: why each entry was not stored; not empty.
    /// - Returns: 507 when the disk is full, else 503.
    static func ofStoreFailures(_ failures: [StoreError]) -> HTTPResponse.Status {
        failures.contains { $0.code == .full } ? .insufficientStorage : .serviceUnavailable
    }
}
