internal import JSON
internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// A rendered message as one JSON object, for files.
enum OutboundMessageJSON {
    static func bytes(of outbound: OutboundMessage) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("id", outbound.delivery.description)
            json.member("attempt", outbound.attempt)
            json.member("channel", outbound.content.channel.description)
            json.member("recipient", outbound.recipient)
            json.member("to", outbound.address.value)
            json.member("campaign", ifPresent: outbound.campaign)
            json.member("category", outbound.category)
            json.member("admitted_at", outbound.admittedAt.rfc3339)
            json.member("traceparent", ifPresent: outbound.trace?.text)
            if outbound.possibleDuplicate { json.member("possible_duplicate", true) }
            write(outbound.content, to: &json)
        }
        json.newline()
        return json.bytes
    }

    private static func write(_ content: RenderedMessage, to json: inout JSONWriter) {
        for field in content.channel.form.fields where field != .fromAddress {
            guard let text = content.text(field) else { continue }
            json.key(field.key)
            json.value(text)
        }
        if case .email(let email) = content { write(email, to: &json) }
        for pairs in content.channel.form.pairs { write(content, pairs, to: &json) }
    }

    /// Writes the fields that only emails have.
    private static func write(_ email: EmailContent, to json: inout JSONWriter) {
        json.member("reply_to", ifPresent: email.replyTo?.address)
        guard !email.attachments.isEmpty else { return }
        json.key("attachments")
        json.array { json in
            for attachment in email.attachments {
                json.object { json in
                    json.member("filename", attachment.filename)
                    json.member("content_type", attachment.contentType)
                    json.member("content_id", ifPresent: attachment.contentID)
                    json.member("content", Base64.encode(attachment.content))
                }
            }
        }
    }

    /// Writes pairs as a list, because header names may repeat.
    private static func write(_ content: RenderedMessage, _ pairs: ContentPairs, to json: inout JSONWriter) {
        var list: [(name: String, value: String)] = []
        content.forEachPair(of: pairs) { list.append(($0, $1)) }
        guard !list.isEmpty else { return }
        json.key(pairs.rawValue)
        json.array { json in
            for pair in list {
                json.object { json in
                    json.member(pairs == .headers ? "name" : "key", pair.name)
                    json.member("value", pair.value)
                }
            }
        }
    }
}
