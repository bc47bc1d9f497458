import HTTPTypes
import Hummingbird
import JSON
import SobreIntake

/// The supported formats of a body.
enum BodyForm {
    case json
    case ndjson
}

extension Request {
    /// The format that `Content-Type` names; JSON if the header is absent.
    func bodyForm() throws(Problem) -> BodyForm {
        guard let type = headers[.contentType] else { return .json }
        switch type.prefix(while: { $0 != ";" }).lowercased().filter({ $0 != " " }) {
        case "application/json", "text/json", "": return .json
        case "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines":
            return .ndjson
        default:
            throw Problem(
                .unsupportedMediaType, "unsupported_media_type", "The content type is not supported.",
                field: "Content-Type", expected: "application/json, or application/x-ndjson for one message per line")
        }
    }

    /// Reads the whole body and passes it to `handle`. Its memory counts against `budget` until `handle` returns.
    ///
    /// A body of more than `limit` bytes is rejected, before it is read if `Content-Length` announces it.
    func withBody<Result>(
        upTo limit: Int, _ budget: BodyBudget, _ handle: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        if let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" {
            throw Problem(
                .unsupportedMediaType, "unsupported_encoding", "The body is compressed.", field: "Content-Encoding",
                expected: "an uncompressed body")
        }
        let length = headers[.contentLength].flatMap { Int($0) }
        if let length, length > limit { throw Problem.bodyTooLarge(limit: limit) }
        var bytes: [UInt8] = []
        // Limits the allocation that a client can cause with `Content-Length` alone.
        bytes.reserveCapacity(min(length ?? 0, 1 << 20))
        var taken = 0
        defer { budget.giveBack(taken) }
        for try await chunk in body {
            guard bytes.count + chunk.readableBytes <= limit else { throw Problem.bodyTooLarge(limit: limit) }
            guard budget.take(chunk.readableBytes) else { throw BodyBudget.exhausted }
            taken += chunk.readableBytes
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        return try await handle(bytes)
    }

    /// Reads the body as one JSON value and passes it to `handle`.
    func withJSON<Result>(
        upTo limit: Int, depth: Int, _ budget: BodyBudget, _ handle: (JSONRef) async throws -> Result
    ) async throws -> Result {
        try await withBody(upTo: limit, budget) { bytes in
            try await handle(try parsed(bytes, JSONLimits(maxDepth: depth, maxBytes: limit)))
        }
    }
}

/// Parses a body. Syntax errors become problems.
func parsed(_ bytes: [UInt8], _ limits: JSONLimits) throws(Problem) -> JSONRef {
    do { return try JSONDocument.parse(bytes, limits: limits).root } catch { throw Problem(IntakeProblem(error)) }
}

extension Response {
    /// A JSON response. `body` writes the text.
    static func json(
        _ status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], _ body: (inout JSONWriter) -> Void
    ) -> Response {
        var writer = JSONWriter()
        body(&writer)
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}
