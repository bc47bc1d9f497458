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
            if outbound.possibleDuplicate { json.member("possible_duplicate", true) }
            switch outbound.content {
            case .email(let email): write(email, to: &json)
            case .sms(let sms):
                json.member("from", ifPresent: sms.from)
                json.member("text", sms.text)
            case .push(let push): write(push, to: &json)
            }
        }
        json.newline()
        return json.bytes
    }

    private static func write(_ email: EmailContent, to json: inout JSONWriter) {
        json.member("from", email.from.address)
        json.member("from_name", ifPresent: email.from.name)
        json.member("reply_to", ifPresent: email.replyTo?.address)
        json.member("subject", email.subject)
        json.member("preheader", ifPresent: email.preheader)
        json.member("text", ifPresent: email.text)
        json.member("html", ifPresent: email.html)
        json.member("unsubscribe_url", ifPresent: email.unsubscribeURL)
        if !email.headers.isEmpty {
            json.key("headers")
            json.array { json in
                for header in email.headers {
                    json.object { json in
                        json.member("name", header.name)
                        json.member("value", header.value)
                    }
                }
            }
        }
        guard !email.attachments.isEmpty else { return }
        json.key("attachments")
        json.array { json in
            for attachment in email.attachments {
                json.object { json in
                    json.member("filename", attachment.filename)
                    json.member("content_type", attachment.contentType)
                    json.member("content", Base64.encode(attachment.content))
                }
            }
        }
    }

    private static func write(_ push: PushContent, to json: inout JSONWriter) {
        json.member("title", push.title)
        json.member("body", push.body)
        json.member("link", ifPresent: push.link)
        json.member("image", ifPresent: push.image)
        json.member("collapse_key", ifPresent: push.collapseKey)
        guard !push.data.isEmpty else { return }
        json.key("data")
        json.array { json in
            for pair in push.data {
                json.object { json in
                    json.member("key", pair.key)
                    json.member("value", pair.value)
                }
            }
        }
    }
}
