import Gzip
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

    /// Rejects a body that is compressed with something else than gzip, and one that announces more than `limit` bytes.
    func checkBody(upTo limit: Int) throws(Problem) {
        let encoding = headers[.contentEncoding]?.lowercased() ?? "identity"
        guard ["identity", "gzip", "x-gzip"].contains(encoding) else {
            throw Self.unsupportedEncoding(
                "The body is compressed with something else than gzip.",
                "Content-Encoding: gzip, or an uncompressed body")
        }
        if let length = announcedLength, length > limit { throw Problem.bodyTooLarge(limit: limit) }
    }

    private static func unsupportedEncoding(_ detail: String, _ expected: String) -> Problem {
        var problem = Problem(
            .unsupportedMediaType, "unsupported_encoding", detail, field: "Content-Encoding", expected: expected)
        // RFC 9110 §15.5.16
        problem.headers[.acceptEncoding] = "gzip"
        return problem
    }

    private var isGzip: Bool { headers[.contentEncoding]?.lowercased().hasSuffix("gzip") == true }

    /// Whether the request has a body (RFC 9112 §6.3).
    var hasBody: Bool { announcedLength.map { $0 > 0 } ?? (headers[.transferEncoding] != nil) }

    private var announcedLength: Int? { headers[.contentLength].flatMap { Int($0) } }

    /// Reads the whole body and passes it to `handle`. Its memory counts against the budget of the caller's kind until
    /// `handle` returns.
    ///
    /// A body of more than `limit` bytes is rejected, before it is read if `Content-Length` announces it. One that is
    /// compressed with gzip has at most `limit` bytes when it is decompressed, and is read from known callers only: for
    /// others a kilobyte would be worth the work and memory of a megabyte. A client that
    /// asks for leave to send (`Expect: 100-continue`) gets it here, so that one without a key never does.
    func withBody<Result>(
        upTo limit: Int, _ traffic: HTTPTraffic, _ context: APIContext,
        _ handle: ([UInt8]) async throws -> Result
    ) async throws -> Result {
        try checkBody(upTo: limit)
        let isGzip = isGzip
        guard !isGzip || context.isKnown else {
            throw Self.unsupportedEncoding(
                "A compressed body is only read from a caller with an API key.", "an uncompressed body, or an API key")
        }
        if headers[.expect] != nil {
            context.channel.triggerUserOutboundEvent(ConnectionGuard.BodyWanted(), promise: nil)
        }
        let length = announcedLength
        var share = traffic.makeShare(isKnown: context.isKnown)
        defer { share.giveBack() }
        for try await chunk in body {
            guard share.bytes.count + chunk.readableBytes <= limit else { throw Problem.bodyTooLarge(limit: limit) }
            guard share.makeRoom(for: chunk.readableBytes, atMost: min(length ?? limit, limit)) else {
                traffic.refusals.count(context.isKnown ? .knownBodies : .unknownBodies)
                throw BodyBudget.exhausted
            }
            share.append(chunk.readableBytesView)
        }
        let bytes = share.bytes
        // Hummingbird takes a closed connection for the end of the body.
        if let length, bytes.count < length {
            throw Problem(.badRequest, "malformed_request", "The connection was closed before the body was complete.")
        }
        guard isGzip else { return try await traffic.handle(context) { try await handle(bytes) } }
        let plain = try Self.decompress(bytes, upTo: limit, &share, traffic)
        return try await traffic.handle(context) { try await handle(plain) }
    }

    /// Decompresses a body. The memory counts against the same budget as the body's, from before it is used.
    private static func decompress(
        _ bytes: [UInt8], upTo limit: Int, _ share: inout BodyShare, _ traffic: HTTPTraffic
    ) throws(Problem) -> [UInt8] {
        let most = min(limit, bytes.count * Gzip.maxRatio)
        guard share.take(most) else {
            traffic.refusals.count(.knownBodies)
            throw BodyBudget.exhausted
        }
        do {
            let plain = try Gzip.decompress(bytes, atMost: limit)
            share.release(most - plain.count)
            return plain
        } catch {
            guard case .tooLarge = error else {
                throw Problem(
                    .badRequest, "invalid_encoding", error.description, field: "Content-Encoding",
                    expected: "a body as gzip writes it, or an uncompressed one")
            }
            throw Problem.bodyTooLarge(limit: limit)
        }
    }

    /// Reads the body as one JSON value and passes it to `handle`.
    func withJSON<Result>(
        upTo limit: Int, depth: Int, _ traffic: HTTPTraffic, _ context: APIContext,
        _ handle: (JSONRef) async throws -> Result
    ) async throws -> Result {
        try await withBody(upTo: limit, traffic, context) { bytes in
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
