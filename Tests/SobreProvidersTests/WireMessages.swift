import Foundation
import SobreDelivery
import SobreModel

/// The messages and settings of Tests/Wire, which `make wire` sends by the vendors' libraries and by Sobre.
struct WireMessages: Decodable {
    struct Envelope: Decodable {
        var id: String
        var recipient: String
        var campaign: String
        var callback_url: String
    }

    /// A text, or one that is repeated.
    struct Words: Decodable {
        var text: String

        private struct Repeated: Decodable {
            var `repeat`: String
            var times: Int
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self.text = text
            } else {
                let repeated = try container.decode(Repeated.self)
                text = String(repeating: repeated.repeat, count: repeated.times)
            }
        }
    }

    /// A sender: a name and an address for email, else a text.
    struct Sender: Decodable {
        var parts: [String]

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            parts = try (try? container.decode([String].self)) ?? [container.decode(String.self)]
        }

        var mailbox: Mailbox { Mailbox(name: parts[0].isEmpty ? nil : parts[0], address: parts[1]) }
    }

    struct File: Decodable {
        var filename: String
        var content_type: String
        var base64: Data
        var content_id: String?
    }

    struct Entry: Decodable {
        var name: String
        var channel: String
        var to: String
        var from: Sender?
        var reply_to: Sender?
        var subject: String?
        var text: Words?
        var html: Words?
        var unsubscribe: Bool?
        var attachments: [File]?
        var title: String?
        var body: Words?
        var link: String?
        var image: String?
        var collapse: String?
        var data: [[String]]?
    }

    /// One provider of settings.json.
    struct ProviderSettings: Decodable {
        var channel: String
        var settings: [String: String]?
        var secrets: [String: String]?
        /// The address, where the provider has a form of its own.
        var to: String?
    }

    private struct AllSettings: Decodable {
        var providers: [String: ProviderSettings]
    }

    var envelope: Envelope
    var messages: [Entry]

    static let folder = sourceRoot.appending(path: "Tests/Wire")

    static func load() throws -> WireMessages {
        try JSONDecoder().decode(self, from: Data(contentsOf: folder.appending(path: "messages.json")))
    }

    static func settings() throws -> [String: ProviderSettings] {
        try JSONDecoder().decode(AllSettings.self, from: Data(contentsOf: folder.appending(path: "settings.json")))
            .providers
    }

    func outbound(_ entry: Entry, to address: String?) -> OutboundMessage {
        let channel = Channel(name: entry.channel)!
        return OutboundMessage(
            delivery: DeliveryID(envelope.id)!, attempt: 1,
            address: Address(
                channel: channel, value: address ?? entry.to, platform: channel == .push ? "android" : nil),
            content: content(entry, channel), recipient: envelope.recipient, campaign: envelope.campaign,
            category: entry.unsubscribe == true ? "marketing" : "transactional", possibleDuplicate: false,
            admittedAt: Instant(rfc3339: "2026-03-01T09:08:07Z")!, timeout: .seconds(20))
    }

    private func content(_ entry: Entry, _ channel: Channel) -> RenderedMessage {
        let text = entry.text?.text ?? ""
        switch channel {
        case .email:
            return .email(
                EmailContent(
                    from: entry.from!.mailbox, replyTo: entry.reply_to?.mailbox, subject: entry.subject ?? "",
                    html: entry.html?.text, text: text,
                    attachments: (entry.attachments ?? []).map {
                        .init(
                            filename: $0.filename, contentType: $0.content_type, content: Array($0.base64),
                            contentID: $0.content_id)
                    }, unsubscribeURL: entry.unsubscribe == true ? "https://larkspur.example/u/1" : nil))
        case .sms: return .sms(SMSContent(from: entry.from?.parts[0], text: Self.trimmed(text)))
        case .whatsapp: return .whatsapp(ChatContent(from: entry.from?.parts[0], text: text))
        case .chat: return .chat(PostContent(text: Self.trimmed(text)))
        case .push:
            return .push(
                PushContent(
                    title: entry.title ?? "", body: Self.trimmed(entry.body?.text ?? ""), link: entry.link,
                    image: entry.image, data: (entry.data ?? []).map { .init(key: $0[0], value: $0[1]) },
                    collapseKey: entry.collapse))
        }
    }

    /// Rendering removes white space at the end of these.
    private static func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}
