import Foundation
import JSON
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

@Suite("Messages into files")
struct FileProviderTests {
    private func folder() throws -> String {
        let url = FileManager.default.temporaryDirectory.appending(path: "sobre-file-\(UInt64.random(in: 0 ... .max))")
        return url.path
    }

    private func make(_ settings: [String: String], channel: Channel? = nil) throws -> any Provider {
        try factory().make(ProviderInstance(name: "archive", type: "file", channel: channel, settings: settings))
            .provider
    }

    private let email = EmailContent(
        from: Mailbox(name: "Shop", address: "shop@example.com"), subject: "Grüße", text: "Hello",
        attachments: [.init(filename: "a.txt", contentType: "text/plain", content: Array("A".utf8))])

    @Test func `an email becomes one file as sent on the wire, and only its owner can read it`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let provider = try make(["directory": folder + "/"])
        let outbound = outbound(.email(email), to: "ann@example.org")
        let outcomes = [
            send(provider, outbound, over: FakeTransport()), send(provider, outbound, over: FakeTransport()),
        ]
        #expect(outcomes.map { $0?.kind } == [.accepted, .accepted])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names == ["\(outbound.delivery)-2.eml"])
        #expect(outcomes.first??.providerID == names.first)
        let path = "\(folder)/\(names[0])"
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        #expect(bytes == (try MailBuilder().build(email, for: outbound)))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `every channel can be written as JSON`() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let push = PushContent(title: "T", body: "B", data: [.init(key: "k", value: "v")])
        let contents: [(RenderedMessage, String)] = [
            (.email(email), "ann@example.org"), (.sms(SMSContent(from: "SHOP", text: "Hi \"Ann\"")), "+12025550123"),
            (.push(push), "token"), (.chat(PostContent(text: "Hello")), "C0123"),
            (
                .whatsapp(
                    ChatContent(
                        text: nil,
                        template: .init(name: "order", language: "en_US", parameters: [.init(name: "1", value: "Ann")]))
                ),
                "+12025550123"
            ),
        ]
        for (content, address) in contents {
            let provider = try make(["directory": folder, "format": "json"], channel: content.channel)
            let outbound = outbound(content, to: address, possibleDuplicate: true)
            let name = try #require(send(provider, outbound, over: FakeTransport())?.providerID)
            let root = try JSONDocument.parse(String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)).root
            #expect(root["to"]?.string == address)
            #expect(root["channel"]?.string == content.channel.description)
            #expect(root["attempt"]?.int == 2)
            #expect(root["possible_duplicate"]?.bool == true)
            switch content {
            case .email:
                #expect(root["subject"]?.string == "Grüße")
                #expect(root["attachments"]?[0]?["content"]?.string == "QQ==")
            case .sms: #expect(root["text"]?.string == "Hi \"Ann\"")
            case .chat: #expect(root["text"]?.string == "Hello")
            case .push: #expect(root["data"]?[0]?["value"]?.string == "v")
            case .whatsapp:
                #expect(root["template_name"]?.string == "order" && root["template_language"]?.string == "en_US")
                #expect(root["parameters"]?[0]?["key"]?.string == "1")
                #expect(root["parameters"]?[0]?["value"]?.string == "Ann")
            }
        }
    }

    @Test func `a missing folder pauses the provider and leaves nothing behind`() throws {
        let folder = try folder()
        let provider = try make(["directory": folder])
        try FileManager.default.removeItem(atPath: folder)
        let outcome = send(provider, outbound(.email(email), to: "ann@example.org"), over: FakeTransport())
        #expect(outcome?.kind == .configuration)
        #expect(outcome?.detail.contains("No such file") == true)
    }

    @Test(
        arguments: [
            ([:], nil, "lacks the setting directory"), (["directory": "/dev/null"], nil, "is not a folder"),
            (["directory": "/proc/nope/x"], nil, "cannot be made"),
            (["directory": "/tmp", "format": "mbox"], nil, "neither eml nor json"),
            (["directory": "/tmp", "format": "eml"], Channel.sms, "eml is for emails"),
            (["directory": "/tmp", "directry": "/tmp"], nil, "Did you mean directory?"),
        ] as [([String: String], Channel?, String)])
    func `an invalid setting is named`(settings: [String: String], channel: Channel?, words: String) {
        let error = #expect(throws: ProviderError.self) { try make(settings, channel: channel) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
