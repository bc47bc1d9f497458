import Foundation
import JSON
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

/// Every shipped manifest makes a request of an ordinary message.
@Suite("The catalogue")
struct CatalogueTests {
    /// Empty when one cannot be read, which another suite reports with its place.
    private static let manifests = (try? shippedManifests()) ?? []
    private static let names = manifests.map(\.name).sorted()

    private static func manifest(_ name: String) throws -> Manifest {
        try #require(manifests.first { $0.name == name })
    }

    private static func content(_ channel: Channel) -> RenderedMessage {
        switch channel {
        case .email:
            .email(
                EmailContent(
                    from: Mailbox(name: "Bücher", address: "shop@example.com"),
                    replyTo: Mailbox(name: "Care", address: "care@example.com"), subject: "Grüße", html: "<p>Hällo</p>",
                    text: "Hällo\n", headers: [.init(name: "X-Shop", value: "1")],
                    attachments: [.init(filename: "a.txt", contentType: "text/plain", content: [1, 2])],
                    unsubscribeURL: "https://shop.example/u/1"))
        case .sms: .sms(SMSContent(from: "SHOP", text: "Grüße"))
        case .push: .push(PushContent(title: "T", body: "B"))
        case .whatsapp: .whatsapp(ChatContent(from: "+12025550100", text: "Hello"))
        case .chat: .chat(PostContent(text: "Hello"))
        }
    }

    private static func address(_ channel: Channel) -> String {
        channel == .email ? "ann@example.org" : "+15005550009"
    }

    /// The secrets that must be real keys.
    private static let keys: [String: (secret: String, value: String)] = [
        "fcm": ("service_account", FCMTests.account()),
        "apns": ("private_key", (try? TestKeys.p256().privatePEM) ?? ""),
        "vonage-messages": ("private_key", (try? TestKeys.rsa().privatePEM) ?? ""),
        "azure-email": ("access_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
        "azure-sms": ("access_key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="),
    ]

    /// The call of a manifest whose settings are all `x-NAME`, unless `settings` has another value.
    private static func call(
        _ name: String, _ message: RenderedMessage? = nil, settings more: [String: String] = [:]
    ) throws -> HTTPCall {
        let manifest = try manifest(name)
        let channel = manifest.channels.count == 1 ? manifest.channels.first! : .sms
        var settings = ["callback_url": "https://hooks.example/r"]
        var secrets: [String: SecretReference] = [:]
        for setting in manifest.settings {
            if setting.isSecret {
                if !setting.isOptional || keys[name]?.secret == setting.name {
                    secrets[setting.name] = .environment(setting.name)
                }
            } else if !setting.isOptional {
                settings[setting.name] = setting.name == "url" ? "https://x.example" : "x-\(setting.name)"
            }
        }
        settings.merge(more) { _, new in new }
        let key = keys[name]
        let source = SecretSource(
            environment: { $0 == key?.secret ? key?.value : "s3cret-\($0)" }, file: { _ in nil })
        let provider = try ProviderFactory(
            manifests: manifests, secrets: source, time: VirtualTime(Instant(rfc3339: "2026-03-01T09:08:08Z")!)
        ).make(
            ProviderInstance(
                name: name, type: name, channel: manifest.channels.count == 1 ? nil : channel, settings: settings,
                secrets: secrets)
        ).provider
        let content = message ?? content(channel)
        #expect(provider.refusal(of: content) == nil)
        let transport = FakeTransport { call in
            call.url.hasSuffix("/auth/time")
                ? .json(200, "1772356088")
                : call.url.hasSuffix("/token")
                    ? .json(200, #"{"access_token":"t0k","expires_in":3600}"#) : .json(500, "")
        }
        _ = send(provider, outbound(content, to: address(channel)), over: transport)
        return try #require(transport.calls.last { !$0.url.hasSuffix("/token") })
    }

    @Test(arguments: names)
    func `a manifest makes a complete request`(name: String) throws {
        let call = try Self.call(name)
        #expect(ProviderURL.problem(in: call.url) == nil && call.url.hasPrefix("https://"))
        #expect(!call.url.contains("${") && !call.text.contains("${"))
        let type = try #require(call.header("Content-Type"))
        if type.contains("json") {
            let root = try JSONDocument.parse(call.body).root
            // Expo takes a list of messages.
            #expect(root.kind == (name == "expo" ? .array : .object))
        } else if type.hasPrefix("multipart/") {
            #expect(call.text.hasSuffix("--\r\n"))
        } else {
            #expect(FormFields(call.body).fields.count > 2)
        }
        // A provider that authorises by a secret gets it in a header, never in the URL or the body.
        let hasTokenInBody = name == "pushover"
        #expect(!call.url.contains("s3cret-api") && (hasTokenInBody || !call.text.contains("s3cret-")))
        if name != "webhook" {
            #expect(call.headers.contains { $0.name.lowercased() != "accept" && $0.value.count > 8 })
        }
    }

    @Test(arguments: names)
    func `our reference is in the request, so that receipts can be matched`(name: String) throws {
        let manifest = try Self.manifest(name)
        guard let format = manifest.receipts?.format, !format.reference.isEmpty else { return }
        let call = try Self.call(name)
        #expect((call.text + call.url).contains("01jd3v8k6m1r0"), "\(name)")
    }

    @Test(arguments: names)
    func `a manifest with receipts has examples of them, of every fault and of success`(name: String) throws {
        let manifest = try Self.manifest(name)
        var kinds: Set<Outcome.Kind> = []
        var receipts = 0
        for example in manifest.examples {
            switch example.sample {
            case .answer(_, _, _, let kind): kinds.insert(kind)
            case .receipt: receipts += 1
            }
        }
        #expect(kinds.isSuperset(of: [.accepted, .ambiguous, .auth, .throttled, .transient]), "\(name)")
        // These accept any address and report later; an endpoint of one's own knows no recipients.
        if !["webhook", "postal", "ses-v2"].contains(name) {
            #expect(kinds.contains { $0.fault == .recipient }, "\(name)")
        }
        if manifest.receipts?.format != nil { #expect(receipts >= 2, "\(name)") }
    }

    @Test(arguments: names)
    func `an answer that nobody knows never suppresses and never counts as sent`(name: String) throws {
        let plan = try Self.manifest(name).response
        for status in [200, 202, 204, 301, 400, 404, 409, 418, 422, 500, 502, 504] {
            for body in ["", "<html>", "{}", #"{"error":"something new"}"#] {
                let outcome = plan.outcome(
                    status: status, headers: [], body: Array(body.utf8), address: "", now: .epoch)
                #expect(outcome.kind.fault != .recipient, "\(name) \(status) \(body)")
                if name == "webhook" || name == "sendgrid" { continue }
                #expect(outcome.kind.proof != .sent, "\(name) \(status) \(body)")
            }
        }
    }

    @Test func `the page of the manual lists every manifest with its evidence`() throws {
        let page = try String(
            contentsOf: sourceRoot.appending(path: "Sources/sobre/Documentation.docc/Catalogue.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        for manifest in Self.manifests {
            let row = rows.first { $0.hasPrefix("| `\(manifest.name)` |") }
            #expect(row?.hasSuffix("| \(manifest.verified.rawValue) |") == true, "\(manifest.name)")
            #expect(manifest.evidence != nil && manifest.docs?.hasPrefix("https://") == true)
        }
    }

    @Test func `SES gets the whole email as MIME, signed`() throws {
        let call = try Self.call("ses-v2", settings: ["region": "eu-west-1"])
        #expect(call.url == "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails")
        let root = try JSONDocument.parse(call.body).root
        #expect(root["FromEmailAddress"]?.string == "=?UTF-8?Q?B=C3=BCcher?= <shop@example.com>")
        #expect(root["Destination"]?["ToAddresses"]?[0]?.string == "ann@example.org")
        #expect(root["EmailTags"]?[0]?["Value"]?.string == "01jd3v8k6m1r0")
        let data = try #require(root["Content"]?["Raw"]?["Data"]?.string)
        #expect(
            Data(base64Encoded: data).map { String(decoding: $0, as: UTF8.self) }?.contains("List-Unsubscribe-Post: ")
                == true)
        #expect(
            call.header("Authorization")?.hasPrefix(
                "AWS4-HMAC-SHA256 Credential=s3cret-access_key/20260301/eu-west-1/ses/") == true)
    }

    @Test func `SendGrid's body has exactly these bytes`() throws {
        #expect(
            try Self.call("sendgrid").text
                == #"{"personalizations":[{"to":[{"email":"ann@example.org"}],"custom_args":{"sobre_id":"01jd3v8k6m1r0","#
                + #""sobre_recipient":"p-1","sobre_campaign":"spring","sobre_category":"marketing"}}],"#
                + #""from":{"email":"shop@example.com","name":"Bücher"},"#
                + #""reply_to_list":[{"email":"care@example.com","name":"Care"}],"subject":"Grüße","#
                + #""content":[{"type":"text/plain","value":"Hällo\n"},{"type":"text/html","value":"<p>Hällo</p>"}],"#
                + #""headers":{"List-Unsubscribe":"<https://shop.example/u/1>","#
                + #""List-Unsubscribe-Post":"List-Unsubscribe=One-Click","X-Shop":"1"},"#
                + #""attachments":[{"content":"AQI=","type":"text/plain","filename":"a.txt","disposition":"attachment"}]}"#
        )
    }

    @Test(arguments: [
        ("Grüße", nil), ("Ελλάδα", "unicode"), ("Grüße 😀", "unicode"), ("[x] €", nil),
    ])
    func `Vonage is told when a text needs more than the alphabet of GSM`(text: String, type: String?) throws {
        let call = try Self.call("vonage-sms", .sms(SMSContent(from: "SHOP", text: text)))
        let fields = FormFields(call.body)
        #expect(fields["type"] == type && fields["text"] == text && fields["to"] == "15005550009")
        #expect(fields["callback"] == "https://hooks.example/r?sobre_id=01jd3v8k6m1r0")
    }

    @Test func `Plivo gets a sender or a powerpack, not both`() throws {
        func body(_ from: String?, _ settings: [String: String]) throws -> String {
            try Self.call("plivo", .sms(SMSContent(from: from, text: "x")), settings: settings).text
        }
        #expect(try body("+15005550006", ["powerpack": "p1"]).hasPrefix(#"{"src":"+15005550006","dst""#))
        #expect(try body(nil, ["powerpack": "p1", "from": "+1"]).hasPrefix(#"{"powerpack_uuid":"p1","dst""#))
        #expect(try body(nil, ["from": "+15005550006"]).hasPrefix(#"{"src":"+15005550006","dst""#))
    }

    @Test(arguments: manifests.filter { $0.channels == [.email] }.map(\.name).sorted())
    func `the address for replies reaches every provider of email with its name`(name: String) throws {
        let call = try Self.call(name)
        var text = call.text
        for part in text.matches(of: /[A-Za-z0-9+\/=]{400,}/) {
            if let mail = Data(base64Encoded: String(part.output)) { text += String(decoding: mail, as: UTF8.self) }
        }
        let form = /care@example\.com","?(?:[nN]ame|displayName)":"Care"|Care <care@example\.com>/
        #expect(text.contains(form), "\(name)")
    }

    @Test func `keys of Brevo and Infobip stand in the body`() throws {
        let brevo = try JSONDocument.parse(Self.call("brevo").body).root
        #expect(brevo["headers"]?["idempotencyKey"]?.string == "76b6b853-ce07-5b6f-aeaf-e282beae41fe")
        let infobip = try JSONDocument.parse(Self.call("infobip").body).root
        #expect(infobip["messages"]?[0]?["destinations"]?[0]?["messageId"]?.string == "01jd3v8k6m1r0")
    }
}
