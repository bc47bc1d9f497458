import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import YAMLDocument

@testable import SobreProviders

@Suite("Senders by country")
struct SenderProviderTests {
    private static let rules = """
        - {to: [US, ca], from: "+12025550100"}
        - {to: FR, from: LARKSPUR}
        - {to: "+33700", from: "38022"}
        - {to: [IN, "+1787"], alphanumeric: false}
        - {to: "+", from: "+15005550006"}
        """

    private static func instances(_ rules: String, type: String = "twilio", from: String? = nil) throws
        -> [ProviderInstance]
    {
        let list = rules.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n")
        let text = """
              type: \(type)
              settings: {callback_url: "https://hooks.example/r"\(from.map { ", from: \"\($0)\"" } ?? "")}
              secrets: {account_sid: env:SID, auth_token: env:TOKEN}
              senders:
            \(list)

            """
        let document = try YAMLDocument.parse(text: "acme:\n\(text)", file: "sobre.yaml")
        return try ProviderInstance.parseAll(document.root)
    }

    private static func provider(_ rules: String, from: String? = nil) throws -> any Provider {
        try factory(environment: ["SID": "AC1", "TOKEN": "t"]).make(instances(rules, from: from)[0]).provider
    }

    private static func message(from: String?) -> RenderedMessage { .sms(SMSContent(from: from, text: "Hello")) }

    @Test(arguments: [
        ("+12125550100", "SHOP", "+12025550100"), ("+14165550100", "SHOP", "+12025550100"),
        ("+33612345678", "SHOP", "LARKSPUR"), ("+33700123456", "SHOP", "38022"),
        ("+17875550100", "+12025550199", "+12025550199"), ("+919812345678", "+919812345679", "+919812345679"),
        ("+4915112345678", "SHOP", "+15005550006"),
    ])
    func `the longest beginning decides, then the country, then what is for all`(
        to: String, template: String, from: String
    ) throws {
        let provider = try Self.provider(Self.rules)
        let content = Self.message(from: template)
        #expect(provider.refusal(of: content, to: Address(channel: .sms, value: to)) == nil)
        let transport = FakeTransport { _ in .json(201, #"{"sid":"SM1","status":"queued"}"#) }
        #expect(send(provider, outbound(content, to: to), over: transport)?.kind == .accepted)
        let sent = try #require(transport.calls.first?.text)
        let escaped = from.replacing("+", with: "%2B")
        #expect(sent.split(separator: "&").contains("From=\(escaped)"), "\(sent)")
    }

    @Test(arguments: [("SHOP", nil), (nil, "SHOP")] as [(String?, String?)])
    func `a name is refused before sending where the country takes none`(template: String?, usual: String?) throws {
        let provider = try Self.provider(Self.rules, from: usual)
        for (to, country) in [("+919812345678", "IN"), ("+17875550100", "PR")] {
            let address = Address(channel: .sms, value: to)
            let refusal = try #require(provider.refusal(of: Self.message(from: template), to: address))
            #expect(refusal.kind == .senderRejected)
            #expect(
                refusal.detail
                    == "acme may not send to \(country) from a name, and the sender is SHOP; give a number or short "
                    + "code for it under providers.acme.senders")
        }
        let number = Self.message(from: "+12025550100")
        #expect(provider.refusal(of: number, to: Address(channel: .sms, value: "+919812345678")) == nil)
    }

    @Test func `without a rule the template's sender stays, and the provider's own checks apply`() throws {
        let provider = try Self.provider("- {to: FR, from: LARKSPUR}")
        let to = Address(channel: .sms, value: "+4915112345678")
        #expect(provider.refusal(of: Self.message(from: "SHOP"), to: to) == nil)
        #expect(provider.refusal(of: Self.message(from: "Much too long a name"), to: to)?.kind == .contentRejected)
        let transport = FakeTransport { _ in .json(201, #"{"sid":"SM1","status":"queued"}"#) }
        _ = send(provider, outbound(Self.message(from: "SHOP"), to: to.value), over: transport)
        #expect(transport.calls.first?.text.contains("From=SHOP") == true)
    }

    @Test(arguments: [
        ("- {to: UK, from: SHOP}", "neither a country nor"), ("- {to: [], from: SHOP}", "no destination"),
        ("- {from: SHOP}", "to"), ("- {to: FR}", "says nothing about the sender"),
        ("- {to: FR, from: \"A name of twelve\"}", "is not a sender"),
        ("- {to: FR, from: \"Größe\"}", "is not a sender"),
        ("- {to: FR, from: \"12\"}", "is not a sender"),
        ("- {to: FR, from: SHOP, alphanumeric: false}", "forbids names"),
        ("- {to: FR, sender: SHOP}", "sender"), ("- {to: \"+33x\", from: SHOP}", "neither a country nor"),
    ])
    func `a mistake in a rule has a position and a hint`(rule: String, words: String) {
        let error = #expect(throws: YAMLError.self) { try Self.instances(rule) }
        #expect(error?.description.contains("sobre.yaml:6:") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func `rules are for providers of SMS`() throws {
        let instance = try Self.instances("- {to: FR, from: SHOP}", type: "twilio-whatsapp")[0]
        let error = #expect(throws: ProviderError.self) {
            try factory(environment: ["SID": "AC1", "TOKEN": "t"]).make(instance)
        }
        #expect(error?.description.contains("for SMS, not for whatsapp") == true, "\(error?.description ?? "")")
    }
}
