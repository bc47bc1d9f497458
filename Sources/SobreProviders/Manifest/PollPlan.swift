internal import JSON
internal import SobreDelivery
internal import SobreModel

/// How a provider is asked for the fate of messages: the `poll:` of a manifest.
struct PollPlan: Sendable {
    /// The text in the path that stands for a message's id.
    static let idMark = "{id}"

    let terms: PollTerms
    /// The path and the query. It has ``idMark`` unless ``ids`` is set.
    let path: Template
    /// The member of the request's JSON with the list of ids; nil: one id in a request without a body.
    let ids: String?
    /// Where the answer has the messages by their ids; nil: the whole answer is about one message.
    let answers: JSONPath?
    let status: [JSONPath]
    let code: [JSONPath]
    let diagnostic: [JSONPath]
    /// The statuses of messages that are not through yet.
    let pending: Set<String>
    /// The meanings of the other statuses; nil means that a status says nothing new.
    let kinds: [String: Receipt.Kind?]
    /// The meanings of codes with any status that reports a failure.
    let errors: [String: Receipt.Kind]

    /// The bounds of an answer.
    static let limits = JSONLimits(maxDepth: 32, maxBytes: 1 << 20, maxNodes: 100_000)

    /// Reads an answer.
    ///
    /// - Parameters:
    ///   - body: the answer's body.
    ///   - ids: the messages that were asked for.
    /// - Returns: nil if it cannot be read.
    func fates(in body: [UInt8], of ids: [String]) -> [String: PollFate]? {
        guard let root = try? JSONDocument.parse(body, limits: Self.limits).root else { return nil }
        guard let answers else { return ids.first.map { [$0: fate(root)] } }
        guard let messages = answers.first(in: root), messages.kind == .object else { return nil }
        var fates: [String: PollFate] = [:]
        for id in ids { if let message = messages[id] { fates[id] = fate(message) } }
        return fates
    }

    private func fate(_ message: JSONRef) -> PollFate {
        // A status that nobody has described is asked for again, until it is one that was.
        guard let status = text(status, in: message), !pending.contains(status), let kind = kinds[status] else {
            return .pending
        }
        guard let kind else { return .settled }
        let code = text(code, in: message)
        let words = [status, code, text(diagnostic, in: message)].compactMap { $0 }.joined(separator: " ")
        return .reported(
            ReceiptFormat.specific(kind, code: code, errors: errors), detail: Redaction.line(words))
    }

    private func text(_ paths: [JSONPath], in message: JSONRef) -> String? {
        for path in paths { if let text = path.first(in: message)?.string, !text.isEmpty { return text } }
        return nil
    }
}
