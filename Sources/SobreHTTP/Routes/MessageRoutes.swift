import HTTPTypes
import Hummingbird
import JSON
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire

/// `/v1/messages`: enqueue, list, show, cancel and explain messages.
struct MessageRoutes: Sendable {
    let services: APIServices
    let limits: HTTPLimits
    let traffic: HTTPTraffic

    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!

    func add(sending: RouterGroup<APIContext>, reading: RouterGroup<APIContext>) {
        sending.post("messages", use: enqueue)
        sending.delete("messages/{id}", use: cancel)
        sending.post("messages/{id}/retry", use: retry)
        reading.get("messages/{id}", use: show)
        reading.get("messages/{id}/explanation", use: explain)
    }

    /// Accepts one message, an array, or NDJSON. Answers 202 if all are stored and synced to disk, 207 if some are.
    @Sendable private func enqueue(_ request: Request, _ context: APIContext) async throws -> Response {
        let key = try idempotencyKey(of: request)
        let form = try request.bodyForm()
        let firstLine = try firstLine(of: request)
        let intake = services.intake.acting(as: context.caller.name).within(request.trace)
        return try await request.withBody(upTo: limits.maxBatchBytes, traffic, context) { bytes in
            switch form {
            case .ndjson:
                let lines = try batch(bytes, firstLine: firstLine)
                return try answer(await intake.enqueue(lines, idempotencyKey: key))
            case .json: return try await enqueue(json: bytes, key, intake)
            }
        }
    }

    /// The key in the header. Two header lines are refused also where they are equal: a proxy has joined two requests,
    /// or would join their values into a third key (RFC 9110 §5.3).
    private func idempotencyKey(of request: Request) throws(Problem) -> String? {
        let keys = request.headers[values: Self.idempotencyKey]
        guard keys.count <= 1 else {
            throw Problem(
                .badRequest, "invalid_header", "The request has \(keys.count) header lines Idempotency-Key.",
                field: "Idempotency-Key", expected: "one header line")
        }
        return keys.first
    }

    private func enqueue(json bytes: [UInt8], _ key: String?, _ intake: Intake) async throws(Problem) -> Response {
        // An array nests its messages one level deeper.
        let depth = services.intake.limits.maxDepth + 1
        let root = try parsed(bytes, JSONLimits(maxDepth: depth, maxBytes: limits.maxBatchBytes))
        if root.kind == .array {
            try checkCount(root.count)
            return try answer(await intake.enqueue(elementsOf: root, idempotencyKey: key))
        }
        guard bytes.count <= limits.maxBodyBytes else { throw Problem.bodyTooLarge(limit: limits.maxBodyBytes) }
        return try answer(await intake.enqueue(root, idempotencyKey: key))
    }

    /// Reads `?first_line=N`: the number of the first line, for a file that is sent in several requests. It is used for
    /// the line numbers in the response, and for the idempotency keys of lines without one (`KEY#LINE`).
    private func firstLine(of request: Request) throws(Problem) -> Int {
        try QueryReader(request, known: ["first_line"]).int("first_line", default: 1, in: 1...Int(Int32.max))
    }

    /// The lines of a batch. Their number is checked before any is parsed.
    private func batch(_ bytes: [UInt8], firstLine: Int) throws(Problem) -> NDJSONLines {
        try checkCount(bytes.count { $0 == 0x0A })
        return NDJSONLines(bytes, firstLine: firstLine, maxLineBytes: services.intake.limits.maxLineBytes)
    }

    private func checkCount(_ count: Int) throws(Problem) {
        let most = services.intake.limits.maxBatch
        guard count > most else { return }
        throw Problem(
            .contentTooLarge, "too_many", "The batch has \(count) entries; at most \(most) are allowed per request.",
            expected: "several smaller batches")
    }

    private func answer(_ result: IntakeResult) throws(Problem) -> Response {
        var headers: HTTPFields = [:]
        let id: MessageID
        switch result.outcome {
        case .accepted(let accepted): id = accepted
        case .replayed(let first):
            id = first
            headers[Self.idempotencyReplayed] = "true"
        case .rejected(var problem):
            // For a single message only a JSON syntax error has a line number.
            if problem.code != .invalidJSON { problem.line = nil }
            throw Problem(problem)
        case .notStored(let error): throw Problem(error)
        }
        headers[.location] = "/v1/messages/\(id)"
        return .json(.accepted, headers: headers) { writer in
            writer.object { writer in
                writer.key("id")
                writer.value(id.description)
                writer.key("status")
                writer.value("accepted")
            }
        }
    }

    private func answer(_ results: [IntakeResult]) throws(Problem) -> Response {
        guard !results.isEmpty else {
            throw Problem(
                .badRequest, "empty_batch", "The batch is empty.",
                expected: "one JSON object per line, or an array of objects")
        }
        var good = 0
        var storeFailures: [StoreError] = []
        var allReplayed = true
        for result in results {
            switch result.outcome {
            case .accepted:
                good += 1
                allReplayed = false
            case .replayed: good += 1
            case .rejected: break
            case .notStored(let error): storeFailures.append(error)
            }
        }
        let status: HTTPResponse.Status
        if good == results.count {
            status = .accepted
        } else if good > 0 {
            status = .multiStatus
        } else {
            status = storeFailures.isEmpty ? .unprocessableContent : .ofStoreFailures(storeFailures)
        }
        let headers: HTTPFields = good == results.count && allReplayed ? [Self.idempotencyReplayed: "true"] : [:]
        return .json(status, headers: headers) { Wire.write(results, to: &$0) }
    }

    @Sendable private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try messageID(context)
        guard let states = try await services.store.cancel(id) else { throw unknownMessage(context) }
        return .json { Wire.write(deliveriesOf: id, states: states, to: &$0) }
    }

    @Sendable private func retry(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try messageID(context)
        guard let states = try await services.store.retry(id) else { throw unknownMessage(context) }
        return .json { Wire.write(deliveriesOf: id, states: states, to: &$0) }
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let (message, history) = try await messageWithHistory(context)
        return .json { Wire.write(message, last: Wire.last(of: history), to: &$0) }
    }

    @Sendable private func explain(_ request: Request, _ context: APIContext) async throws -> Response {
        let (message, history) = try await messageWithHistory(context)
        return .json { Wire.write(explanationOf: message, history: history, to: &$0) }
    }

    private func messageWithHistory(_ context: APIContext) async throws -> (Message, [LogEntry]) {
        let id = try messageID(context)
        guard let message = try await services.store.message(id) else { throw unknownMessage(context) }
        return (message, try await services.store.history(of: id))
    }

    /// With the id as it was asked for: in capitals, or of one delivery.
    private func unknownMessage(_ context: APIContext) -> Problem {
        .notFound("message \(context.parameters.get("id") ?? "")")
    }

    private func messageID(_ context: APIContext) throws(Problem) -> MessageID {
        let text = try context.parameter("id")
        guard let id = MessageID(text) else {
            throw Problem(
                .notFound, "not_found", "This is not a message id.",
                expected: "the 13-character id that POST /v1/messages returned")
        }
        return id
    }
}
