public import JSON
public import SobreModel
public import SobreStore
public import SobreWire

extension ServerClient {
    /// The kinds of NDJSON batches.
    public enum Batch: Sendable {
        case messages
        case profiles
        case consents
        case suppressions

        var path: String {
            switch self {
            case .messages: "/v1/messages"
            case .profiles: "/v1/profiles"
            case .consents: "/v1/consents"
            case .suppressions: "/v1/suppressions"
            }
        }
    }

    /// Submits a batch of lines. Messages are sent with their line number in the file, so that their idempotency keys
    /// are the same through the server and directly into the store. For other batches the server counts from 1, and the
    /// results are renumbered here.
    ///
    /// - Parameters:
    ///   - body: NDJSON.
    ///   - batch: the kind of the lines.
    ///   - firstLine: the number of the first line in the file.
    ///   - idempotencyKey: a key for the whole file. Each line's key is `KEY#LINE`.
    /// - Returns: a result for each line, with its number in the file.
    /// - Throws: ``ClientError`` if the server cannot be reached or rejects the batch as a whole.
    public func hand(
        in body: [UInt8], as batch: Batch, firstLine: Int, idempotencyKey: String?
    ) async throws(ClientError) -> [Wire.Entry] {
        var headers: [(name: String, value: String)] = []
        if batch == .messages, let idempotencyKey { headers.append((name: "Idempotency-Key", value: idempotencyKey)) }
        let query = batch == .messages ? "?first_line=\(firstLine)" : ""
        let answer = try await send(
            "POST", batch.path + query, body: body, contentType: "application/x-ndjson", headers: headers)
        guard let entries = answer.document.flatMap({ Wire.readBatch($0.root) }) else {
            throw Self.refusal(
                answer.status >= 500 ? .unavailable : .rejected, answer,
                "The server did not accept lines from \(firstLine) on. ")
        }
        guard batch != .messages else { return entries }
        return entries.map { Wire.Entry(line: $0.line + firstLine - 1, outcome: $0.outcome) }
    }

    /// Cancels the waiting deliveries of a message. Returns the states of all its deliveries, or nil if there is no
    /// such message.
    public func cancel(_ id: MessageID) async throws(ClientError) -> [(delivery: DeliveryID, state: String)]? {
        let answer = try await send("DELETE", "/v1/messages/\(id)")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let states = answer.document.flatMap({ Wire.readDeliveries($0.root) }) else {
            throw Self.refusal(.unavailable, answer, "Message \(id) was not cancelled. ")
        }
        return states
    }

    /// Queues the failed deliveries of a message once more.
    ///
    /// - Parameter id: the message.
    /// - Returns: the states of its deliveries; nil: there is no such message.
    /// - Throws: ``ClientError`` when the server does not do it.
    public func retry(_ id: MessageID) async throws(ClientError) -> [(delivery: DeliveryID, state: String)]? {
        let answer = try await send("POST", "/v1/messages/\(id)/retry")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let states = answer.document.flatMap({ Wire.readDeliveries($0.root) }) else {
            throw Self.refusal(.unavailable, answer, "Message \(id) was not queued again. ")
        }
        return states
    }

    /// Carries out one part of an order to retry or to cancel.
    ///
    /// - Parameters:
    ///   - order: the order.
    ///   - cursor: where the part before ended; nil for the first one.
    ///   - limit: the number of messages to look at.
    /// - Returns: what was done, and where the next part begins.
    /// - Throws: ``ClientError`` when the server does not do it.
    public func carryOut(
        _ order: StateOrder, after cursor: StateCursor?, limit: Int
    ) async throws(ClientError) -> StateOrderStep {
        var writer = JSONWriter()
        Wire.write(order, after: cursor, limit: limit, to: &writer)
        let answer = try await send("POST", "/v1/messages/\(order.action.rawValue)", body: writer.take())
        guard answer.status == 200, let step = answer.document.flatMap({ Wire.readStateOrderStep($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return step
    }

    /// What would become of a message, on the live state.
    ///
    /// - Parameters:
    ///   - draft: the message.
    ///   - at: the time of the decision; nil: now, by the server's clock.
    /// - Returns: a decision for each of its deliveries.
    /// - Throws: a ``ClientError`` when the server cannot be reached or refuses.
    public func decide(_ draft: MessageDraft, at: Instant? = nil) async throws(ClientError) -> [Wire.Decision] {
        var writer = JSONWriter()
        Wire.write(decisionRequest: draft, at: at, to: &writer)
        let answer = try await send("POST", "/v1/decisions", body: writer.take())
        guard answer.status == 200, let found = answer.document.flatMap({ Wire.readDecisions($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return found
    }
}
