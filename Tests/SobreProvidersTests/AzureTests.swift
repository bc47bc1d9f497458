import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text

@testable import SobreProviders

@Suite("Azure, OVHcloud and Clickatell")
struct AzureTests {
    private static let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

    private static func call(
        _ type: String, _ content: RenderedMessage, to address: String, settings: [String: String],
        secrets: [String: String]
    ) throws -> HTTPCall {
        let provider = try factory(environment: secrets).make(
            ProviderInstance(
                name: type, type: type, settings: settings,
                secrets: Dictionary(uniqueKeysWithValues: secrets.keys.map { ($0, .environment($0)) }))
        ).provider
        let transport = FakeTransport { $0.method == "GET" ? .json(200, "1772356100") : .json(400, "") }
        _ = send(provider, outbound(content, to: address), over: transport)
        return try #require(transport.calls.last)
    }

    /// What the vendor's library signs: method, target, date, host and the body's hash, under the decoded key.
    private func signature(_ call: HTTPCall, target: String, host: String) throws -> String {
        let hash = Base64.encode(Digest.sha256(call.body))
        #expect(call.header("x-ms-content-sha256") == hash)
        let date = try #require(call.header("x-ms-date"))
        let code = HMAC.sha256(
            Array("POST\n\(target)\n\(date);\(host);\(hash)".utf8), key: try Base64.decode(Self.key))
        return "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=\(Base64.encode(code))"
    }

    @Test func `an SMS has the form of the vendor's library, and ids that stay the same`() throws {
        let call = try Self.call(
            "azure-sms", .sms(SMSContent(from: "+12025550100", text: "Grüße")), to: "+15005550009",
            settings: ["resource": "shop"], secrets: ["access_key": Self.key])
        #expect(call.url == "https://shop.communication.azure.com/sms?api-version=2021-03-07")
        #expect(
            call.text == #"{"from":"+12025550100","smsRecipients":[{"to":"+15005550009","#
                + #""repeatabilityRequestId":"76b6b853-ce07-5b6f-aeaf-e282beae41fe","#
                + #""repeatabilityFirstSent":"Sun, 01 Mar 2026 09:08:07 GMT"}],"message":"Grüße","#
                + #""smsSendOptions":{"enableDeliveryReport":true,"tag":"01jd3v8k6m1r0"}}"#)
        #expect(
            call.header("Authorization")
                == (try signature(call, target: "/sms?api-version=2021-03-07", host: "shop.communication.azure.com")))
    }

    @Test func `an email is an operation with an id of ours`() throws {
        let mail = EmailContent(
            from: Mailbox(name: "Shop", address: "shop@example.com"), subject: "Grüße", html: "<p>H</p>", text: "H\n",
            attachments: [.init(filename: "a.txt", contentType: "text/plain", content: [1, 2])])
        let call = try Self.call(
            "azure-email", .email(mail), to: "ann@example.org", settings: ["resource": "shop"],
            secrets: ["access_key": Self.key])
        let target = "/emails:send?api-version=2025-09-01"
        #expect(call.url == "https://shop.communication.azure.com\(target)")
        #expect(call.header("Operation-Id") == "76b6b853-ce07-5b6f-aeaf-e282beae41fe")
        #expect(
            call.text
                == #"{"senderAddress":"shop@example.com","content":{"subject":"Grüße","plainText":"H\n","html":"<p>H</p>"},"#
                + #""recipients":{"to":[{"address":"ann@example.org"}]},"#
                + #""attachments":[{"name":"a.txt","contentType":"text/plain","contentInBase64":"AQI="}]}"#)
        #expect(
            call.header("Authorization")
                == (try signature(call, target: target, host: "shop.communication.azure.com")))
    }

    @Test(arguments: [("Grusse", "7bit"), ("Grüße", "7bit"), ("Grüße 😀", "8bit")])
    func `OVHcloud gets a signature by its own clock, and the coding that the text needs`(
        text: String, coding: String
    ) throws {
        let call = try Self.call(
            "ovh-sms", .sms(SMSContent(from: "SHOP", text: text)), to: "+15005550009", settings: ["service": "sms-1"],
            secrets: ["application_key": "AK", "application_secret": "AS-secret", "consumer_key": "CK-secret"])
        #expect(call.url == "https://eu.api.ovh.com/1.0/sms/sms-1/jobs")
        #expect(call.header("X-Ovh-Application") == "AK" && call.header("X-Ovh-Consumer") == "CK-secret")
        #expect(call.header("X-Ovh-Timestamp") == "1772356100")
        let signed = "AS-secret+CK-secret+POST+\(call.url)+\(call.text)+1772356100"
        #expect(call.header("X-Ovh-Signature") == "$1$" + Hex.encode(Digest.sha1(Array(signed.utf8))))
        #expect(
            call.text
                == #"{"charset":"UTF-8","coding":"\#(coding)","message":"\#(text)","noStopClause":true,"priority":"high","#
                + #""receivers":["+15005550009"],"sender":"SHOP","tag":"01jd3v8k6m1r0"}"#)
    }

    @Test func `Clickatell gets its key without a scheme`() throws {
        let call = try Self.call(
            "clickatell", .sms(SMSContent(from: "+12025550100", text: "x")), to: "+15005550009", settings: [:],
            secrets: ["api_key": "abc=="])
        #expect(call.url == "https://platform.clickatell.com/messages" && call.header("Authorization") == "abc==")
        #expect(
            call.text == #"{"content":"x","to":["15005550009"],"from":"12025550100","clientMessageId":"01jd3v8k6m1r0","#
                + #""charset":"UTF-8"}"#)
    }
}
