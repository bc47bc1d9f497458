import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders
import Text

@Suite("The shipped manifests")
struct ShippedManifestTests {
    @Test func `every example has the outcome that its manifest states`() throws {
        let manifests = try shippedManifests()
        #expect(manifests.count >= 25)
        for manifest in manifests {
            let results = ManifestCheck.run(manifest)
            #expect(results.count >= 10)
            for result in results { #expect(result.passed, "\(manifest.name): \(result)") }
        }
    }

    private static let sms = RenderedMessage.sms(SMSContent(from: "+15005550006", text: "Günstig & gut: 50 %\n+1"))

    private static func twilio(_ settings: [String: String] = [:]) throws -> any Provider {
        try factory(environment: ["SID": "AC123", "TOKEN": "s3cret"]).make(
            ProviderInstance(
                name: "twilio-eu", type: "twilio", settings: settings,
                secrets: ["account_sid": .environment("SID"), "auth_token": .environment("TOKEN")])
        ).provider
    }

    @Test func `a Twilio request has exactly these bytes`() throws {
        let transport = FakeTransport { _ in .json(201, #"{"sid":"SM9"}"#) }
        let provider = try Self.twilio(["callback_url": "https://hooks.example/twilio"])
        let outcome = send(provider, outbound(Self.sms, to: "+15005550009"), over: transport)
        #expect(outcome == Outcome(.accepted, providerID: "SM9"))
        let call = try #require(transport.calls.first)
        #expect(call.method == "POST")
        #expect(call.url == "https://api.twilio.com/2010-04-01/Accounts/AC123/Messages.json")
        #expect(call.header("Authorization") == "Basic QUMxMjM6czNjcmV0")
        #expect(call.header("Content-Type") == "application/x-www-form-urlencoded")
        #expect(call.header("X-Sobre-Id") == nil)
        #expect(
            call.text == "To=%2B15005550009&From=%2B15005550006&Body=G%C3%BCnstig+%26+gut%3A+50+%25%0A%2B1"
                + "&StatusCallback=https%3A%2F%2Fhooks.example%2Ftwilio%3Fsobre_id%3D01jd3v8k6m1r0")
    }

    @Test func `a request to this machine has our reference in headers`() throws {
        let transport = FakeTransport { _ in .json(201, #"{"sid":"SM9"}"#) }
        let provider = try Self.twilio(["endpoint": "http://127.0.0.1:9000/"])
        let duplicate = outbound(Self.sms, to: "+15005550009", possibleDuplicate: true, recipient: "Ann Ö\r\n")
        _ = send(provider, duplicate, over: transport)
        let call = try #require(transport.calls.first)
        #expect(call.url == "http://127.0.0.1:9000/2010-04-01/Accounts/AC123/Messages.json")
        #expect(call.header("X-Sobre-Id") == "01jd3v8k6m1r0")
        #expect(call.header("X-Sobre-Recipient") == "Ann %C3%96%0D%0A")
        #expect(call.header("X-Sobre-Campaign") == "spring")
        #expect(call.header("X-Sobre-Category") == "marketing")
        #expect(call.header("X-Sobre-Possible-Duplicate") == "1")
    }

    @Test func `a text or a sender that Twilio does not accept is rejected before the call`() throws {
        let provider = try Self.twilio()
        #expect(provider.refusal(of: .sms(SMSContent(text: String(repeating: "ä", count: 1600)))) == nil)
        #expect(
            provider.refusal(of: .sms(SMSContent(text: String(repeating: "ä", count: 1601))))?.kind == .contentTooLarge)
        #expect(provider.refusal(of: .sms(SMSContent(from: "Shop 24", text: "x"))) == nil)
        #expect(
            provider.refusal(of: .sms(SMSContent(from: "Much too long a name", text: "x")))?.kind == .contentRejected)
        #expect(provider.refusal(of: .push(PushContent(title: "a", body: "b")))?.kind == .contentRejected)
    }

    @Test func `Twilio's error text reaches the outcome without the number`() throws {
        let transport = FakeTransport { _ in
            .json(400, #"{"code":21211,"message":"The 'To' number +15005550001 is not valid"}"#)
        }
        let outcome = send(try Self.twilio(), outbound(Self.sms, to: "+15005550001"), over: transport)
        #expect(outcome == Outcome(.recipientInvalid, detail: "HTTP 400 21211"))
    }

    private static let signing = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private static func webhook(_ channel: Channel, url: String = "https://hooks.example/in?k=1") throws -> any Provider
    {
        try factory(environment: ["KEY": signing, "TOKEN": "t0k"]).make(
            ProviderInstance(
                name: "hook", type: "webhook", channel: channel, settings: ["url": url],
                secrets: ["signing_secret": .environment("KEY"), "token": .environment("TOKEN")])
        ).provider
    }

    @Test func `a webhook request has exactly these bytes and a Standard Webhooks signature`() throws {
        let transport = FakeTransport { _ in .response(status: 204, headers: [], body: []) }
        let outcome = send(try Self.webhook(.sms), outbound(Self.sms, to: "+15005550009"), over: transport)
        #expect(outcome?.kind == .accepted)
        let call = try #require(transport.calls.first)
        #expect(call.url == "https://hooks.example/in?k=1")
        #expect(call.header("Authorization") == "Bearer t0k")
        #expect(
            call.text
                == #"{"id":"01jd3v8k6m1r0","channel":"sms","to":"+15005550009","from":"+15005550006","#
                + #""text":"Günstig & gut: 50 %\n+1","metadata":{"sobre_id":"01jd3v8k6m1r0","sobre_recipient":"p-1","#
                + #""sobre_campaign":"spring","sobre_category":"marketing"},"attempt":"2"}"#)
        #expect(call.header("webhook-id") == "01jd3v8k6m1r0")
        let timestamp = try #require(call.header("webhook-timestamp"))
        #expect(timestamp == String(Instant(rfc3339: "2026-03-01T09:08:08Z")!.milliseconds / 1000))
        let key = try Base64.decode(String(Self.signing.dropFirst(6)))
        let signed = Array("01jd3v8k6m1r0.\(timestamp).".utf8) + call.body
        #expect(call.header("webhook-signature") == "v1," + Base64.encode(HMAC.sha256(signed, key: key)))
    }

    @Test(arguments: Channel.allCases)
    func `a webhook accepts each channel and writes JSON`(channel: Channel) throws {
        let content: RenderedMessage =
            switch channel {
            case .sms: Self.sms
            case .push: .push(PushContent(title: "T", body: "B", data: [.init(key: "k", value: "v")]))
            case .chat: .chat(PostContent(text: "Hello"))
            case .whatsapp:
                .whatsapp(
                    ChatContent(
                        from: "+12025550100", text: "Hello",
                        template: .init(
                            name: "order", language: "en_US",
                            parameters: [.init(name: "1", value: "Ann"), .init(name: "sobre_x", value: "y")])))
            case .email:
                .email(
                    EmailContent(
                        from: Mailbox(name: "Shop", address: "s@example.com"), subject: "S", html: "<p>H</p>",
                        text: "H\n",
                        attachments: [.init(filename: "a", contentType: "a/b", content: [1])]))
            }
        let transport = FakeTransport { _ in .json(200, #"{"id":"wh_1"}"#) }
        let outcome = send(try Self.webhook(channel), outbound(content, to: "someone"), over: transport)
        #expect(outcome == Outcome(.accepted, providerID: "wh_1"))
        let root = try JSONDocument.parse(try #require(transport.calls.first).body).root
        #expect(root["channel"]?.string == channel.description)
        #expect(root["to"]?.string == "someone")
        switch channel {
        case .sms: break
        case .push: #expect(root["data"]?["k"]?.string == "v")
        case .chat: #expect(root["text"]?.string == "Hello")
        case .whatsapp:
            #expect(root["from"]?.string == "+12025550100" && root["text"]?.string == "Hello")
            let template = try #require(root["template"])
            #expect(template["name"]?.string == "order" && template["language"]?.string == "en_US")
            #expect(template["parameters"]?.members.map { $0.value.string } == ["Ann", "y"])
        case .email:
            #expect(root["from"]?.string == "s@example.com")
            #expect(root["text"]?.string == "H\n")
            #expect(root["attachments"]?[0]?["content"]?.string == "AQ==")
        }
    }

    @Test(arguments: [21212, 21606, 21659])
    func `a sender that Twilio refuses is the template's fault, and the settings' where they name it`(code: Int) throws
    {
        let transport = FakeTransport { _ in .json(400, #"{"code":\#(code),"message":"From"}"#) }
        func kind(from: String?, _ provider: any Provider) -> Outcome.Kind? {
            send(provider, outbound(.sms(SMSContent(from: from, text: "T")), to: "+15005550009"), over: transport)?.kind
        }
        let provider = try Self.twilio(["from": "+15005550006"])
        #expect(kind(from: "+15005550001", provider) == .senderRejected)
        #expect(kind(from: nil, provider) == .configuration)
        let manifests = try shippedManifests()
        let secrets = SecretSource(environment: { _ in "s3cret" }, file: { _ in "" })
        let global = try ProviderFactory(manifests: manifests, secrets: secrets, senders: [.sms: "+15005550001"]).make(
            ProviderInstance(
                name: "twilio", type: "twilio",
                secrets: ["account_sid": .environment("SID"), "auth_token": .environment("TOKEN")])
        ).provider
        #expect(kind(from: "+15005550001", global) == .configuration)
        #expect(kind(from: "+15005550002", global) == .senderRejected)
    }

    @Test func `a full queue at Twilio slows it down and pauses nothing`() throws {
        let transport = FakeTransport { _ in .json(400, #"{"code":21611,"message":"queue"}"#) }
        let outcome = send(try Self.twilio(), outbound(Self.sms, to: "+15005550009"), over: transport)
        #expect(outcome?.kind == .throttled && outcome?.kind.fault == .rate)
    }

    @Test func `a provider that repeats a secret in its answer does not put it into the log`() throws {
        let text = """
            manifest: 1
            name: t
            channel: sms
            settings: {token: {secret: true}}
            endpoint: https://api.example
            auth: {type: bearer, token: "${secret.token}"}
            request: {path: /m, body: {a: b}}
            response: {detail: "json:message", rules: [{when: {status: 200}, outcome: accepted, id: none}]}
            """
        let manifest = try Manifest.parseAll(text: text, file: "t")[0]
        let secrets = SecretSource(environment: { _ in "hunter2-key" }, file: { _ in "" })
        let provider = try ProviderFactory(manifests: [manifest], secrets: secrets).make(
            ProviderInstance(name: "t", type: "t", secrets: ["token": .environment("T")])
        ).provider
        let transport = FakeTransport { _ in .json(401, #"{"message":"the key \"hunter2-key\" is unknown"}"#) }
        let outcome = send(provider, outbound(.sms(SMSContent(text: "x")), to: "+15005550009"), over: transport)
        #expect(outcome?.kind == .auth)
        #expect(outcome?.detail == "HTTP 401 the key \"…\" is unknown")
    }

    @Test func `a header that would break out of its line is rejected, not sent`() throws {
        let text = """
            manifest: 1
            name: t
            channel: sms
            endpoint: https://api.example
            request: {headers: {X-Text: "${msg.text}"}, path: "/m/${msg.to}", body: {a: b}}
            response: {rules: [{when: {status: 200}, outcome: accepted, id: none}]}
            """
        let manifest = try Manifest.parseAll(text: text, file: "t")[0]
        let provider = try ProviderFactory(manifests: [manifest]).make(ProviderInstance(name: "t", type: "t")).provider
        let transport = FakeTransport()
        let evil = send(provider, outbound(.sms(SMSContent(text: "a\r\nX: y")), to: "1"), over: transport)
        #expect(evil?.kind == .contentRejected)
        #expect(transport.calls.isEmpty)
        _ = send(provider, outbound(.sms(SMSContent(text: "fine")), to: "../a:b/ü?x"), over: transport)
        #expect(transport.calls.first?.url == "https://api.example/m/..%2Fa:b%2F%C3%BC%3Fx")
        #expect(
            send(provider, outbound(.sms(SMSContent(text: "fine")), to: ".."), over: transport)?.kind
                == .contentRejected)
    }
}
