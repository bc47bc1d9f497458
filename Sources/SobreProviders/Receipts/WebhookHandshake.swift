internal import JSON
internal import Text

/// What answers the request with which a provider tries out the webhook's URL.
enum WebhookHandshake: Sendable {
    /// Nil: the token is not set, and no request is answered.
    case hub(token: SecretBytes?)
    case eventGrid
}

/// The answer to a handshake.
public struct HandshakeReply: Hashable, Sendable {
    public var contentType: String
    public var body: String
}

extension ReceiptGate {
    /// The longest code that is repeated. Meta's have 10 characters, Azure's 36.
    private static let maxCodeBytes = 256

    /// Answers a handshake.
    ///
    /// - Parameters:
    ///   - request: a request to the webhook's URL.
    ///   - isVerified: whether it was authenticated as the provider's. Some handshakes carry their own token instead.
    /// - Returns: nil if the request is no handshake, or not one that may be answered.
    public func reply(to request: ReceiptRequest, isVerified: Bool) -> HandshakeReply? {
        switch handshake {
        case nil: return nil
        case .hub(let token):
            let query = FormFields(Array(request.query.utf8))
            guard request.body.isEmpty, query["hub.mode"] == "subscribe", let token,
                let given = query["hub.verify_token"], token.equals(Array(given.utf8)),
                let code = Self.code(query["hub.challenge"])
            else { return nil }
            return HandshakeReply(contentType: "text/plain; charset=utf-8", body: code)
        case .eventGrid:
            guard isVerified, let root = try? JSONDocument.parse(request.body, limits: IncomingReceipt.limits).root,
                let event = root.kind == .array ? root[0] : root,
                event["eventType"]?.string == "Microsoft.EventGrid.SubscriptionValidationEvent",
                let code = Self.code(event["data"]?["validationCode"]?.string)
            else { return nil }
            var writer = JSONWriter()
            writer.object { writer in writer.member("validationResponse", code) }
            return HandshakeReply(contentType: "application/json", body: writer.string)
        }
    }

    private static func code(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty || $0.utf8.count > maxCodeBytes ? nil : $0 }
    }
}
