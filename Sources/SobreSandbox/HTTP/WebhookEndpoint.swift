internal import JSON

/// The generic webhook: `POST` or `PUT /webhook/{anything}` with Standard Webhooks headers.
///
/// The rest of the path is the address, unless the JSON body has one in `to`. A body with a `channel` (`email`, `sms`,
/// `push`, `whatsapp`, `chat`), like those of Sobre's own webhook provider, is listed under that channel, any other under
/// `webhook`.
enum WebhookEndpoint {
    static func receive(
        _ request: HTTPRequest, key: [UInt8]?, context: ReceptionContext
    ) -> Reception {
        var message = context.message(.webhook, provider: "webhook", request: request)
        message.to = percentDecoded(request.path.utf8.dropFirst("/webhook/".utf8.count))
        message.reference = request.header("webhook-id")
        if let document = try? JSONDocument.parse(request.body) {
            read(document.root, into: &message)
        } else {
            message.text = excerpt(request.body, limit: ReceivedMessage.textLimit)
        }
        message.takeHints(of: request)
        if let key {
            let clocks = [context.at] + (context.clock.map { [$0] } ?? [])
            if let objection = WebhookSignature.objection(to: request, key: key, clocks: clocks) {
                return Reception(
                    refused: message, objection,
                    answer: .problem(401, "Unauthorized", "The signature is invalid: \(objection)."))
            }
        }
        let id = "wh_" + context.identityHex
        return Reception(accepted: message, providerID: id, answer: .json(200) { $0.field("id", id) })
    }

    private static func read(_ root: JSONRef, into message: inout ReceivedMessage) {
        for member in root.members {
            let key = member.key.string ?? ""
            guard let value = member.value.string else {
                if key == "data" || key == "metadata" {
                    for item in member.value.members { hint(item, into: &message) }
                }
                if key == "template" { message.title = name(ofTemplate: member.value) }
                continue
            }
            switch key {
            case "to": message.to = value
            case "channel": message.channel = ReceivedMessage.Channel(rawValue: value) ?? message.channel
            case "from": message.from = value
            case "title", "subject": message.title = value
            case "text", "body": message.text = value
            case "callback": message.callback = value
            default: message.takeHint(field: key, value)
            }
        }
        if message.text.isEmpty { message.text = excerpt(root.rawBytes, limit: ReceivedMessage.textLimit) }
    }

    /// An approved template as it was requested: `order_update (en_US) 1=Ann 2=4711`.
    private static func name(ofTemplate template: JSONRef) -> String {
        var name = template["name"]?.string ?? ""
        if let language = template["language"]?.string { name += " (\(language))" }
        guard let parameters = template["parameters"] else { return name }
        for item in parameters.members { name += " \(item.key.string ?? "")=\(item.value.string ?? "")" }
        return name
    }

    private static func hint(_ member: (key: JSONRef, value: JSONRef), into message: inout ReceivedMessage) {
        if let key = member.key.string, let value = member.value.string { message.takeHint(field: key, value) }
    }
}
