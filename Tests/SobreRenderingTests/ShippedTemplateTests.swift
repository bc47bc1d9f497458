import Foundation
import JSON
import SobreModel
import SobreRendering
import Testing

/// The templates of the repository as shipped.
@Suite struct ShippedTemplateTests {
    static let root: String = {
        // The tests may be built in another folder, so Templates is searched upwards from the working folder or from
        // this file.
        var folder = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path + "/Templates/_layouts") {
            folder.deleteLastPathComponent()
        }
        return folder.path + "/Templates"
    }()

    @Test func `all of them parse`() throws {
        let snapshot = try TemplateCatalogue(root: Self.root).snapshot
        #expect(snapshot.broken.map(\.error.report) == [])
        #expect(
            snapshot.names == [
                "cart-abandoned", "cross-sell", "delivery-notice", "order-confirmed", "thank-you", "win-back",
            ])
    }

    @Test func `each renders every sample on every channel within its bounds and without braces left`() throws {
        let catalogue = try TemplateCatalogue(root: Self.root)
        for template in catalogue.snapshot.ready {
            #expect(!template.sampleNames.isEmpty, "\(template.manifest.name) has no sample")
            for sample in template.sampleNames {
                let root = try JSONDocument.parse(catalogue.sample(sample, of: template.manifest.name)).root
                for channel in template.channels {
                    let result = Self.render(template, root["profile"]!, root["data"]!, channel, catalogue)
                    if sample == "recent" {
                        guard case .aborted = result else {
                            Issue.record("win-back went to somebody who ordered last week")
                            continue
                        }
                        continue
                    }
                    Self.check(result, "\(template.manifest.name)/\(sample) on \(channel)")
                }
            }
        }
    }

    @Test(arguments: ["order-confirmed", "delivery-notice", "thank-you", "cross-sell", "win-back", "cart-abandoned"])
    func `the required data is enough, also for a recipient without a name`(name: String) throws {
        let catalogue = try TemplateCatalogue(root: Self.root)
        guard case .ready(let template) = catalogue.snapshot[name] else {
            Issue.record("\(name) is not there")
            return
        }
        let data = try JSONDocument.parse(#"{"cds": 1, "total": 29.3}"#).root
        let profile = try JSONDocument.parse(#"{"attributes": {}}"#).root
        for channel in template.channels {
            Self.check(Self.render(template, profile, data, channel, catalogue), "\(name) on \(channel)")
        }
    }

    private static func render(
        _ template: MessageTemplate, _ profile: JSONRef, _ data: JSONRef, _ channel: Channel,
        _ catalogue: TemplateCatalogue
    ) -> RenderResult {
        let now = Instant(rfc3339: "2026-11-21T18:00:00Z")!
        let message = Message(
            id: MessageID(rawValue: 1 << 30), acceptedAt: now,
            draft: MessageDraft(
                recipient: "p", template: template.manifest.name, campaign: template.manifest.campaign,
                category: template.manifest.category ?? "marketing", channels: template.channels,
                data: Array(data.rawBytes)))
        let person = Profile(
            id: "p", locale: profile["locale"]?.string, timezone: profile["timezone"]?.string,
            attributes: profile["attributes"].map { Array($0.rawBytes) } ?? Array("{}".utf8))
        return MessageRenderer(
            catalogue: catalogue, links: MessageLinks(unsubscribe: { _ in "https://s.example/u/token" })
        ).render(message, profile: person, channel: channel, now: now, delivery: message.id.delivery(0))
    }

    private static func check(_ result: RenderResult, _ name: String) {
        guard case .rendered(let content, _, _) = result else {
            Issue.record("\(name): \(result)")
            return
        }
        switch content {
        case .email(let mail):
            #expect((1...70).contains(mail.subject.count), "\(name): \(mail.subject)")
            #expect(mail.text?.contains("Ithaca") == true, "\(name): no postal address in the text")
            #expect(
                mail.html.map { $0.utf8.count < 102_400 && !$0.contains("{{") && !$0.contains("{%") } == true, "\(name)"
            )
            if let url = mail.unsubscribeURL {
                #expect(
                    mail.html?.contains(url) == true && mail.text?.contains(url) == true, "\(name): no unsubscribe link"
                )
            }
        case .sms(let sms):
            #expect(SMSSegments(sms.text).encoding == .gsm7, "\(name): \(sms.text)")
            #expect(!sms.text.contains("  ") && !sms.text.contains("{"), "\(name): \(sms.text)")
        case .push(let push):
            #expect(push.title.count <= 65 && !push.body.isEmpty && push.link != nil, "\(name)")
        case .chat(let post): #expect(!post.text.isEmpty && !post.text.contains("{"), "\(name)")
        case .whatsapp(let chat):
            #expect(chat.text?.isEmpty == false || chat.template?.parameters.isEmpty == false, "\(name)")
        }
    }
}
