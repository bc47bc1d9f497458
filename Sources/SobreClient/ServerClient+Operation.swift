import JSON
public import SobreStore
public import SobreWire
import Text

extension ServerClient {
    /// The status of the server.
    public func condition() async throws(ClientError) -> NodeCondition {
        let answer = try await send("GET", "/v1/status")
        guard answer.status == 200, let document = answer.document else {
            throw Self.refusal(.rejected, answer, "The server at \(url) answered \(answer.status). ")
        }
        return Wire.readCondition(document.root)
    }

    /// Lets the server read its settings, providers, templates and policy again.
    ///
    /// - Returns: what was put in force.
    /// - Throws: ``ClientError`` when a file is invalid, so that nothing was changed, or when the server does not answer.
    public func reload() async throws(ClientError) -> ReloadReport {
        let answer = try await send("POST", "/v1/reload")
        guard answer.status == 200, let report = answer.document.flatMap({ Wire.readReload($0.root) }) else {
            throw Self.refusal(answer.status == 409 ? .refused : .rejected, answer)
        }
        return report
    }

    /// The queue in numbers.
    ///
    /// - Parameter limit: the largest number of groups.
    /// - Returns: the counts of the server that owns the data.
    /// - Throws: ``ClientError`` when the server does not answer.
    public func queue(limit: Int) async throws(ClientError) -> QueueSummary {
        let answer = try await send("GET", "/v1/queue?limit=\(limit)")
        guard answer.status == 200, let summary = answer.document.flatMap({ Wire.readQueue($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return summary
    }

    /// The number of receipts rejected since the server's start, by reason.
    public func rejectedReceipts() async throws(ClientError) -> [(reason: String, count: Int)] {
        let answer = try await send("GET", "/v1/receipts?limit=1")
        guard answer.status == 200, let rejected = answer.document.flatMap({ Wire.readRejected($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return rejected
    }

    /// Applies one part of the inbox of receipts once more.
    ///
    /// - Parameters:
    ///   - filter: which receipts.
    ///   - id: only those that arrived after the one with this number; nil: the first part.
    ///   - isDryRun: whether nothing is changed.
    /// - Returns: the counts, and with the first part how many receipts match in all.
    /// - Throws: ``ClientError`` if the server cannot be reached or rejects the request.
    public func replay(
        _ filter: ReceiptFilter, after id: Int64?, isDryRun: Bool
    ) async throws(ClientError) -> (replay: ReceiptReplay, matching: Int?) {
        var parameters = Wire.parameters(of: filter) + [("dry_run", "\(isDryRun)")]
        if let id { parameters.append(("after", "\(id)")) }
        let query = parameters.map { "\($0.name)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        let answer = try await send("POST", "/v1/receipt-replays?\(query)")
        guard answer.status == 200, let part = answer.document.flatMap({ Wire.readReplay($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return part
    }

    /// Hands over an email that came back: a bounce, a complaint or another notice.
    ///
    /// - Parameters:
    ///   - mail: the email.
    ///   - provider: the provider that sent the email to which it replies.
    /// - Returns: what became of it.
    /// - Throws: ``ClientError`` if the server does not answer, is busy or does not know the provider.
    public func ingest(mail: [UInt8], of provider: String) async throws(ClientError) -> Wire.MailIntake {
        let answer = try await send(
            "POST", "/v1/receipts/\(PercentEncoding.encode(provider))", body: mail, contentType: "message/rfc822")
        guard answer.status < 300, let intake = answer.document.flatMap({ Wire.readMailIntake($0.root) }) else {
            // A mail system keeps the email and offers it again later.
            throw Self.refusal(answer.status == 429 || answer.status >= 500 ? .unavailable : .rejected, answer)
        }
        return intake
    }

    /// Creates an API key and returns it. It cannot be read again.
    public func make(key order: APIKeyOrder) async throws(ClientError) -> String {
        var writer = JSONWriter()
        order.write(to: &writer)
        let answer = try await send("POST", "/v1/keys", body: writer.take())
        guard answer.status == 201, let key = answer.document?.root["key"]?.string else {
            throw Self.refusal(.rejected, answer)
        }
        return key
    }

    /// All API keys, without their hashes.
    public func keys() async throws(ClientError) -> [APIKeyRecord] {
        let answer = try await send("GET", "/v1/keys")
        guard answer.status == 200, let keys = answer.document.flatMap({ Wire.readKeys($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return keys
    }

    /// Revokes an API key. Returns false if there is no such key.
    public func revoke(key id: String) async throws(ClientError) -> Bool {
        let answer = try await send("DELETE", "/v1/keys/\(PercentEncoding.encode(id))")
        guard answer.status == 204 || answer.status == 404 else { throw Self.refusal(.rejected, answer) }
        return answer.status == 204
    }
}
