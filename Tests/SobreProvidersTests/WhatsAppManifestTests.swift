import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text

@testable import SobreProviders

@Suite("WhatsApp: texts, approved templates and webhooks")
struct WhatsAppManifestTests {
    private static let now = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    private static let secrets = [
        "TOKEN": "t0ken-123", "APP": "app-s3cret", "VERIFY": "verify-me", "SID": "AC1",
        "KEY": (try? TestKeys.rsa().privatePEM) ?? "",
    ]

    private static func instance(_ type: String) -> ProviderInstance {
        switch type {
        case "whatsapp-cloud":
            ProviderInstance(
                name: "wa", type: type, settings: ["phone_number_id": "106540352242922"],
                secrets: [
                    "access_token": .environment("TOKEN"), "app_secret": .environment("APP"),
                    "verify_token": .environment("VERIFY"),
                ])
        case "twilio-whatsapp":
            ProviderInstance(
                name: "wa", type: type, settings: ["callback_url": "https://hooks.example/r"],
                secrets: ["account_sid": .environment("SID"), "auth_token": .environment("TOKEN")])
        default:
            ProviderInstance(
                name: "wa", type: type, channel: .whatsapp, settings: ["application_id": "app-1"],
                secrets: ["private_key": .environment("KEY")])
        }
    }

    private static func call(_ type: String, _ content: ChatContent) throws -> HTTPCall {
        let provider = try factory(environment: secrets).make(instance(type)).provider
        let transport = FakeTransport { _ in .json(500, "") }
        _ = send(provider, outbound(.whatsapp(content), to: "+15005550009"), over: transport)
        return try #require(transport.calls.first)
    }

    private static let text = ChatContent(from: "+12025550100", text: "Grüße")
    private static func template(_ name: String, _ parameters: [(String, String)]) -> ChatContent {
        ChatContent(
            from: "+12025550100", text: "Hello Ann",
            template: .init(
                name: name, language: "en_US", parameters: parameters.map { .init(name: $0.0, value: $0.1) }))
    }

    @Test func `the Cloud API gets a text, or a template with its parameters in order`() throws {
        let text = try Self.call("whatsapp-cloud", Self.text)
        #expect(text.url == "https://graph.facebook.com/v23.0/106540352242922/messages")
        #expect(text.header("Authorization") == "Bearer t0ken-123")
        let head =
            #"{"messaging_product":"whatsapp","recipient_type":"individual","to":"15005550009","#
            + #""biz_opaque_callback_data":"01jd3v8k6m1r0","#
        #expect(text.text == head + #""type":"text","text":{"body":"Grüße"}}"#)
        let numbered = try Self.call("whatsapp-cloud", Self.template("order", [("1", "Ann"), ("2", "7 €")]))
        #expect(
            numbered.text == head
                + #""type":"template","template":{"name":"order","language":{"code":"en_US"},"components":[{"type":"body","#
                + #""parameters":[{"type":"text","text":"Ann"},{"type":"text","text":"7 €"}]}]}}"#)
        let named = try Self.call("whatsapp-cloud", Self.template("order", [("first_name", "Ann")]))
        #expect(named.text.contains(#"[{"type":"text","parameter_name":"first_name","text":"Ann"}]"#))
        let bare = try Self.call("whatsapp-cloud", Self.template("hello_world", []))
        #expect(
            bare.text == head + #""type":"template","template":{"name":"hello_world","language":{"code":"en_US"}}}"#)
    }

    /// The form that Twilio's library for Python sends for the same message, but for the space that its JSON has.
    @Test func `Twilio gets what its own library sends`() throws {
        let template = try Self.call("twilio-whatsapp", Self.template("HX1", [("1", "Ann")]))
        #expect(template.url == "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages.json")
        #expect(
            template.text
                == "To=whatsapp%3A%2B15005550009&StatusCallback=https%3A%2F%2Fhooks.example%2Fr%3Fsobre_id%3D01jd3v8k6m1r0"
                + "&From=whatsapp%3A%2B12025550100&ContentSid=HX1&ContentVariables=%7B%221%22%3A%22Ann%22%7D")
        let text = try Self.call("twilio-whatsapp", Self.text)
        #expect(text.text.hasSuffix("&From=whatsapp%3A%2B12025550100&Body=Gr%C3%BC%C3%9Fe"))
    }

    /// The bodies that Vonage's library for Python sends.
    @Test func `Vonage gets what its own library sends, as WhatsApp and as SMS`() throws {
        let template = try Self.call("vonage-messages", Self.template("order", [("1", "Ann"), ("2", "7")]))
        #expect(template.url == "https://api.nexmo.com/v1/messages")
        #expect(
            template.text
                == #"{"to":"15005550009","client_ref":"01jd3v8k6m1r0","webhook_version":"v1","from":"12025550100","#
                + #""channel":"whatsapp","message_type":"template","template":{"name":"order","parameters":["Ann","7"]},"#
                + #""whatsapp":{"policy":"deterministic","locale":"en_US"}}"#)
        let token = try #require(template.header("Authorization")?.split(separator: " ").last)
        let claims = try JSONDocument.parse(
            try Base64.decodeURL(String(token.split(separator: ".")[1]))
        ).root
        #expect(claims["application_id"]?.string == "app-1" && claims["jti"]?.string?.isEmpty == false)
        #expect(claims["exp"]?.int == 1_772_356_088 + 900)
        var instance = Self.instance("vonage-messages")
        instance.channel = .sms
        let transport = FakeTransport { _ in .json(500, "") }
        _ = send(
            try factory(environment: Self.secrets).make(instance).provider,
            outbound(.sms(SMSContent(from: "SHOP", text: "Grüße")), to: "+15005550009"), over: transport)
        #expect(
            transport.calls.first?.text == #"{"to":"15005550009","client_ref":"01jd3v8k6m1r0","webhook_version":"v1","#
                + #""from":"SHOP","channel":"sms","message_type":"text","text":"Grüße"}"#)
    }

    @Test func `outside the window a text is the content's fault, and no number is suppressed`() throws {
        for (type, body) in [
            ("whatsapp-cloud", #"{"error":{"code":131047,"message":"Re-engagement message"}}"#),
            ("twilio-whatsapp", #"{"code":63016}"#),
            ("vonage-messages", #"{"type":"https://developer.vonage.com/api-errors/messages#1340"}"#),
        ] {
            let provider = try factory(environment: Self.secrets).make(Self.instance(type)).provider
            let transport = FakeTransport { _ in .json(400, body) }
            let outcome = send(provider, outbound(.whatsapp(Self.text), to: "+15005550009"), over: transport)
            #expect(outcome?.kind == .contentWindowClosed && outcome?.kind.fault == .message, "\(type)")
        }
    }

    // MARK: - Webhooks

    private static func gate(_ secrets: [String: String] = secrets) throws -> ReceiptGate {
        try factory(environment: secrets).receiptGate(instance("whatsapp-cloud"))
    }

    private static let webhook = Array(
        #"{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.A","status":"read","timestamp":"1772356088"}]}}]}]}"#
            .utf8)

    private static func signed(_ body: [UInt8], key: String = "app-s3cret") -> ReceiptRequest {
        let code = Hex.encode(HMAC.sha256(body, key: Array(key.utf8)))
        return ReceiptRequest(headers: ["x-hub-signature-256": "sha256=\(code)"], body: body)
    }

    @Test func `a webhook counts under Meta's signature alone`() throws {
        let gate = try Self.gate()
        let request = Self.signed(Self.webhook)
        try gate.verify(request, now: Self.now)
        let receipts = try gate.read(request, isSigned: true, now: Self.now).receipts
        #expect(receipts.map(\.kind) == [.opened] && receipts.first?.providerID == "wamid.A")
        #expect(ReceiptVerifierTests.code(gate, Self.signed(Self.webhook, key: "other")) == .signature)
        var flipped = request
        flipped.body[20] ^= 1
        #expect(ReceiptVerifierTests.code(gate, flipped) == .signature)
        #expect(ReceiptVerifierTests.code(gate, ReceiptRequest(headers: [:], body: Self.webhook)) == .signature)
    }

    @Test func `messages of recipients are read beside receipts, and a long one by its begin`() throws {
        let gate = try Self.gate()
        func read(_ value: String) throws -> ReceiptReading {
            let body = Array(#"{"entry":[{"changes":[{"value":{\#(value)}}]}]}"#.utf8)
            return try gate.read(Self.signed(body), isSigned: true, now: Self.now)
        }
        let long = String(repeating: "ä", count: 3_000)
        let both = try read(
            #""messages":[{"from":"15005550009","timestamp":"1772356000","type":"text","text":{"body":"STOP"}},"#
                + #"{"from":"15005550010","timestamp":"1","type":"text","text":{"body":"\#(long)"}},"#
                + #"{"from":"15005550011","type":"image","image":{"id":"1"}},{"from":"15005550012","type":"system"}],"#
                + #""statuses":[{"id":"wamid.A","status":"read"}]"#)
        #expect(gate.channel == .whatsapp)
        #expect(both.receipts.map(\.kind) == [.opened] && both.refusals.isEmpty)
        #expect(both.inbound.map(\.from) == ["15005550009", "15005550010", "15005550011"])
        #expect(both.inbound.map(\.text) == ["STOP", String(long.prefix(512)), "[image]"])
        #expect(both.inbound.map(\.at) == [Instant(milliseconds: 1_772_356_000_000), nil, nil])
        #expect(try read(#""messages":[{"from":"15005550012","type":"system"}]"#).inbound.isEmpty)
        #expect(throws: ReceiptRefusal.self) { try read(#""contacts":[]"#) }
    }

    @Test func `a channel has a window when all of its providers have one`() throws {
        let factory = try factory(environment: [:])
        let day = Duration.seconds(86_400)
        func windows(_ types: [String], route: [String]? = nil) -> Duration? {
            let instances = types.map { ProviderInstance(name: $0, type: $0, channel: .whatsapp) }
            let routes = route.map { [Channel.whatsapp: ProviderRoute($0)] } ?? [:]
            return factory.replyWindows(of: instances, routes: routes)[.whatsapp]
        }
        #expect(windows(["whatsapp-cloud"]) == day && windows(["vonage-messages", "twilio-whatsapp"]) == day)
        #expect(windows(["whatsapp-cloud", "webhook"]) == nil)
        #expect(windows(["whatsapp-cloud", "webhook"], route: ["whatsapp-cloud"]) == day)
        #expect(windows(["whatsapp-cloud", "webhook"], route: ["webhook"]) == nil && windows([]) == nil)
        let sms = [ProviderInstance(name: "v", type: "vonage-messages", channel: .sms)]
        #expect(factory.replyWindows(of: sms, routes: [:]).channels.isEmpty)
    }

    @Test func `the webhook's URL is confirmed to whoever knows the token`() throws {
        func reply(_ query: String, body: [UInt8] = [], _ gate: ReceiptGate) -> HandshakeReply? {
            gate.reply(to: ReceiptRequest(query: query, headers: [:], body: body), isVerified: false)
        }
        let gate = try Self.gate()
        let valid = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=verify-me"
        #expect(reply(valid, gate)?.body == "1158201444")
        #expect(reply(valid.replacing("verify-me", with: "verify-you"), gate) == nil)
        #expect(reply(valid.replacing("subscribe", with: "unsubscribe"), gate) == nil)
        #expect(reply("hub.mode=subscribe&hub.challenge=1", gate) == nil)
        #expect(reply(valid, body: [1], gate) == nil)
        var instance = Self.instance("whatsapp-cloud")
        instance.secrets["verify_token"] = nil
        #expect(reply(valid, try factory(environment: Self.secrets).receiptGate(instance)) == nil)
    }

    @Test func `Event Grid gets its code back once the URL's token is verified`() throws {
        let gate = try factory(environment: ["KEY": "MDEy", "HOOK": "hook-token"]).receiptGate(
            ProviderInstance(
                name: "az", type: "azure-sms", settings: ["resource": "shop"],
                secrets: ["access_key": .environment("KEY"), "webhook_token": .environment("HOOK")]))
        let body =
            #"[{"id":"1","eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6"}}]"#
        let request = ReceiptRequest(query: "token=hook-token", headers: [:], body: Array(body.utf8))
        try gate.verify(request, now: Self.now)
        #expect(gate.reply(to: request, isVerified: true)?.body == #"{"validationResponse":"512d38b6"}"#)
        #expect(gate.reply(to: request, isVerified: false) == nil)
        let event = ReceiptRequest(
            query: "token=hook-token", headers: [:], body: Array(#"[{"data":{"messageId":"1"}}]"#.utf8))
        #expect(gate.reply(to: event, isVerified: true) == nil)
    }
}
