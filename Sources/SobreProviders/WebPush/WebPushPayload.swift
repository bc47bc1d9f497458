internal import JSON
internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// What a browser gets.
enum WebPushPayload {
    /// A declarative push message (W3C Push API §3.3), which Safari shows by itself. A service worker of other browsers
    /// gives `notification` to `showNotification()`.
    static func json(of push: PushContent, for outbound: OutboundMessage) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            // Declarative messages must say where a tap leads.
            if push.link != nil { writer.member("web_push", 8030) }
            writer.key("notification")
            writer.object { writer in
                writer.member("title", push.title)
                writer.member("body", ifPresent: push.body.isEmpty ? nil : push.body)
                writer.member("navigate", ifPresent: push.link)
                writer.member("image", ifPresent: push.image)
                writer.member("tag", ifPresent: push.collapseKey)
                writer.key("data")
                writer.object { writer in
                    for pair in push.data where !pair.key.hasPrefix("sobre_") {
                        writer.key(pair.key)
                        writer.value(pair.value)
                    }
                    outbound.forEachReference { name, value in
                        writer.key(name)
                        writer.value(value)
                    }
                }
            }
        }
        return writer.take()
    }

    /// The header `Urgency` (RFC 8030 §5.3).
    static func urgency(_ priority: PushContent.Priority) -> String {
        switch priority {
        case .high: "high"
        case .normal: "normal"
        case .low: "low"
        }
    }

    /// The header `Topic`: up to 32 characters of base64url (RFC 8030 §5.4). Other keys are hashed, so that equal ones
    /// still replace each other.
    static func topic(of key: String) -> String {
        let isTopic = key.utf8.count <= 32 && key.utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == 0x2D || $0 == 0x5F }
        if isTopic, !key.isEmpty { return key }
        return String(Base64.encodeURL(Digest.sha256(key)).prefix(32))
    }
}
