import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

@Suite("Return paths and Feedback-ID")
struct ReturnPathTests {
    private static let key = Array("0123456789abcdef0123456789abcdef".utf8)
    private static let path = ReturnPath(address: "bounces@example.com", keys: [key])
    private static let delivery = DeliveryID("01jd3v8k6m1r0")!

    private static func provider(
        _ settings: [String: String], _ secrets: [String: SecretReference] = [:]
    ) throws -> SMTPProvider {
        let instance = ProviderInstance(
            name: "relay", type: "smtp", settings: ["host": "127.0.0.1"].merging(settings) { $1 }, secrets: secrets)
        let environment = ["KEY": String(decoding: key, as: UTF8.self), "SHORT": "hunter2"]
        return try #require(try factory(environment: environment).make(instance).provider as? SMTPProvider)
    }

    @Test func `the envelope sender names its message, and an earlier key still verifies`() throws {
        let provider = try Self.provider(["return_path": "Bounces@bücher.example"], ["verp_key": .environment("KEY")])
        let transport = FakeTransport()
        let content = EmailContent(
            from: Mailbox(address: "shop@example.com"), subject: "s", text: "t")
        _ = send(provider, outbound(.email(content), to: "ann@example.org"), over: transport)
        let sender = try #require(transport.mails.first).from
        // HMAC-SHA256 of "sobre return path 01jd3v8k6m1r0", the first ten bytes.
        #expect(sender == "Bounces+01jd3v8k6m1r0a9ab9f40ed7ba7926177@xn--bcher-kva.example")
        let rotated = ReturnPath(
            address: "Bounces@bücher.example", keys: [Array("another key of 128 bits".utf8), Self.key])
        #expect(rotated.token(in: Array("To: <\(sender)>".utf8)) == .delivery(Self.delivery))
        #expect(rotated.sender(for: Self.delivery) != sender)
    }

    @Test func `a token is found anywhere and in either case, and each changed character makes it forged`() {
        let sender = Self.path.sender(for: Self.delivery)
        for text in [sender, "<\(sender)>", "x\(sender)y", sender.uppercased(), "a@b, \(sender), c@d"] {
            #expect(Self.path.token(in: Array(text.utf8)) == .delivery(Self.delivery), "\(text)")
        }
        let bytes = Array(sender.utf8)
        for index in "bounces+".utf8.count..<"bounces+".utf8.count + 33 {
            var changed = bytes
            changed[index] = changed[index] == UInt8(ascii: "3") ? UInt8(ascii: "4") : UInt8(ascii: "3")
            #expect(Self.path.token(in: changed) == .forged, "\(index)")
        }
        #expect(Self.path.token(in: Array("bounces@example.com bounces+1@example.com".utf8)) == .none)
        #expect(Self.path.token(in: Array(sender.replacing("example.com", with: "example.org").utf8)) == .none)
        // A forged address beside a valid one does not hide it.
        let forged = sender.replacing("01jd3v8k6m1r0", with: "01jd3v8k6m1r1")
        #expect(Self.path.token(in: Array("\(forged) \(sender)".utf8)) == .delivery(Self.delivery))
        #expect(ReturnPath(address: "bounces@example.com").token(in: bytes) == .none)
    }

    static let faults: [(settings: [String: String], secrets: [String: SecretReference], words: String)] = [
        ([:], ["verp_key": .environment("KEY")], "lacks the setting return_path"),
        (["return_path": "b@example.com"], ["previous_verp_key": .environment("KEY")], "lacks the secret verp_key"),
        (["return_path": "b@example.com"], ["verp_key": .environment("SHORT")], "fewer than 16 bytes"),
        (
            ["return_path": "\(String(repeating: "b", count: 31))@example.com"], ["verp_key": .environment("KEY")],
            "at most 30 bytes"
        ),
        (["feedback_id": "a:b:c:d:e"], [:], "more than four fields"),
        (["feedback_id": "{campagne}:shop"], [:], "{campaign}, {category}, {recipient}"),
        (["feedback_id": "shop:{campaign}"], [:], "ends with a field of the message"),
        (["feedback_id": "a b"], [:], "visible ASCII"),
    ]

    @Test(arguments: faults)
    func `a setting that cannot be used is named`(
        fault: (settings: [String: String], secrets: [String: SecretReference], words: String)
    ) {
        let error = #expect(throws: ProviderError.self) { try Self.provider(fault.settings, fault.secrets) }
        #expect(error?.description.contains(fault.words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func `Feedback-ID tells the message's campaign and category, with four fields whatever they hold`() throws {
        let provider = try Self.provider(["feedback_id": "{campaign}:{category}:mail:shop"])
        func header(campaign: String?) throws -> String? {
            let transport = FakeTransport()
            let content = EmailContent(from: Mailbox(address: "shop@example.com"), subject: "s", text: "t")
            _ = send(provider, outbound(.email(content), to: "ann@example.org", campaign: campaign), over: transport)
            return String(decoding: try #require(transport.mails.first).data, as: UTF8.self)
                .split(separator: "\r\n").first { $0.hasPrefix("Feedback-ID: ") }.map { String($0.dropFirst(13)) }
        }
        #expect(try header(campaign: "spring") == "spring:marketing:mail:shop")
        #expect(try header(campaign: "a:b c\u{E9}") == "a-b-c-:marketing:mail:shop")
        #expect(try header(campaign: nil) == ":marketing:mail:shop")
    }
}
