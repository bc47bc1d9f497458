import Foundation
import SobreModel
import SobreRendering
import Testing

/// A folder of templates that exists for the duration of a test.
final class TemplateFolder {
    let root: String

    init(_ files: [String: String]) throws {
        root = FileManager.default.temporaryDirectory.appending(path: "templates-\(UUID().uuidString)").path
        for (path, text) in files { try write(path, text) }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws {
        let url = URL(filePath: "\(root)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(path)") }
}

/// One message for a recipient called Ann, ready to be rendered.
struct Letter {
    var template = "note"
    var category = "marketing"
    var data = "{}"
    var files: [EmailContent.Attachment] = []
    var attributes = #"{"first_name": "Ann"}"#
    var locale: String? = "en-US"
    var now = Instant(rfc3339: "2026-11-21T18:00:00Z")!

    var message: Message {
        Message(
            id: MessageID(rawValue: 1 << 30), acceptedAt: now,
            draft: MessageDraft(
                recipient: "ann", template: template, campaign: "autumn", category: category,
                channels: Channel.allCases, data: Array(data.utf8), attachments: files))
    }

    var profile: Profile {
        Profile(id: "ann", locale: locale, timezone: "America/New_York", attributes: Array(attributes.utf8))
    }

    func render(_ channel: Channel, with catalogue: TemplateCatalogue, _ options: RenderingOptions = .init())
        -> RenderResult
    {
        let links = MessageLinks(unsubscribe: { "https://s.example/u/\($0.delivery)" })
        return MessageRenderer(catalogue: catalogue, links: links, options: options).render(
            message, profile: profile, channel: channel, now: now, delivery: message.id.delivery(0))
    }
}

extension RenderResult {
    var email: EmailContent? { if case .rendered(.email(let content), _, _) = self { content } else { nil } }
    var sms: SMSContent? { if case .rendered(.sms(let content), _, _) = self { content } else { nil } }
    var push: PushContent? { if case .rendered(.push(let content), _, _) = self { content } else { nil } }
    var fingerprint: KeyHash? { if case .rendered(_, let fingerprint, _) = self { fingerprint } else { nil } }
    var failure: String? { if case .failed(let reason, _) = self { reason } else { nil } }
}
