internal import SobreModel

/// The email that a report returns, or its header.
struct ReturnedEmail {
    /// The first recipient in its header; nil if none is returned.
    private(set) var recipient: String?
    /// Its sender addresses, in lower case: those are ours, and never what failed.
    private(set) var senders: Set<String> = []
    /// The delivery that it names.
    private(set) var reference: DeliveryID?

    /// The field that every email of ours has.
    private static let referenceField = "x-sobre-id"

    init(_ root: MIMEPart) {
        let parts = root.all
        for part in parts.filter(\.isEmail).compactMap(\.parts.first) { take(part) }
        if reference == nil || recipient == nil {
            // Many servers quote the header in their text.
            for part in parts where part.parts.isEmpty && !part.isEmail {
                if let header = Self.quotedHeader(in: part.decoded) { take(MIMEPart(header)) }
            }
        }
        if reference == nil { reference = parts.lazy.compactMap(Self.named).first }
    }

    private mutating func take(_ email: MIMEPart) {
        if recipient == nil {
            recipient =
                ["x-original-to", "delivered-to", "to"].lazy.compactMap { email[$0] }
                .compactMap(BounceText.address).first
        }
        for name in ["from", "sender", "return-path", "reply-to", "x-envelope-from"] {
            if let address = email[name].flatMap(BounceText.address) { senders.insert(address.lowercased()) }
        }
        if let recipient { senders.remove(recipient.lowercased()) }
        reference = reference ?? Self.reference(in: email)
    }

    /// By our own field, else by the Message-ID, which begins with the id of the delivery.
    private static func reference(in email: MIMEPart) -> DeliveryID? {
        if let id = email[referenceField].flatMap({ DeliveryID($0) }) { return id }
        guard let id = email["message-id"]?.drop(while: { $0 == "<" }).prefix(while: { $0 != "@" }) else { return nil }
        return DeliveryID(id)
    }

    /// A complaint names the returned email in its own fields too (RFC 5965 §3.2).
    private static func named(_ part: MIMEPart) -> DeliveryID? {
        for name in ["original-message-id", "x-original-message-id", "in-reply-to"] {
            guard let value = part[name] else { continue }
            let id = value.drop { $0 == "<" }.prefix { $0 != "@" }
            if let delivery = DeliveryID(id) { return delivery }
        }
        return nil
    }

    /// The first lines of a text that look like the header of an email: from a line such as `Received: from` or
    /// `Message-ID: <` to the next empty line.
    private static func quotedHeader(in bytes: [UInt8]) -> [UInt8]? {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let inner = line.drop { $0 == ">" || $0 == "|" }
            let bare = inner.first == " " && lines.isEmpty ? inner.drop { $0 == " " } : inner
            if lines.isEmpty {
                let lower = bare.prefix(24).lowercased()
                let isStart = Self.starts.contains { lower.hasPrefix($0) }
                if isStart { lines.append(bare) }
            } else if bare.allSatisfy(\.isWhitespace) {
                // A header of one line is a mention of a field, such as "Subject: Order 7".
                if lines.count > 2 { break }
                lines = []
            } else {
                lines.append(bare)
            }
            if lines.count > 200 { break }
        }
        return lines.count > 2 ? Array(lines.joined(separator: "\n").utf8) : nil
    }

    private static let starts = [
        "received: ", "return-path: ", "message-id: ", "dkim-signature: ", "from: ", "date: ", "x-sobre-id: ",
        "mime-version: ", "delivered-to: ", "subject: ", "to: ",
    ]
}
