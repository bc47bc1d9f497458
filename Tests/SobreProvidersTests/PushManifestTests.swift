import JSON
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text

@testable import SobreProviders

@Suite("Push services by manifest")
struct PushManifestTests {
    private static let push = PushContent(
        title: "Sale", body: "Now “half”", link: "https://shop.example/s", image: "https://shop.example/i.png",
        data: [.init(key: "screen", value: "home")], collapseKey: "sale", priority: .high, timeToLive: 600)

    private static func call(
        _ type: String, _ content: PushContent = push, settings: [String: String] = [:], secrets: [String]
    ) throws -> HTTPCall {
        let provider = try factory(environment: ["S": "s3cret-1"]).make(
            ProviderInstance(
                name: type, type: type, settings: settings,
                secrets: Dictionary(uniqueKeysWithValues: secrets.map { ($0, .environment("S")) }))
        ).provider
        let transport = FakeTransport { call in
            call.url.hasSuffix("/token") ? .json(200, #"{"access_token":"t0k","expires_in":3600}"#) : .json(500, "")
        }
        _ = send(provider, outbound(.push(content), to: "device-1"), over: transport)
        return try #require(transport.calls.last)
    }

    private static let metadata =
        #""sobre_id":"01jd3v8k6m1r0","sobre_recipient":"p-1","sobre_campaign":"spring","sobre_category":"marketing""#

    @Test func `Huawei gets the data as a text of JSON`() throws {
        let call = try Self.call("hms", settings: ["app_id": "1001"], secrets: ["app_secret"])
        #expect(call.url == "https://push-api.cloud.huawei.com/v1/1001/messages:send")
        #expect(call.header("Authorization") == "Bearer t0k")
        let message = try #require(try JSONDocument.parse(call.body).root["message"])
        #expect(message["token"]?[0]?.string == "device-1" && message["notification"]?["title"]?.string == "Sale")
        #expect(
            message["data"]?.string
                == #"{"screen":"home","link":"https://shop.example/s",\#(Self.metadata)}"#)
        let android = try #require(message["android"])
        #expect(android["urgency"]?.string == "HIGH" && android["ttl"]?.string == "600s")
        #expect(android["notification"]?["click_action"]?["type"]?.int == 2)
        var plain = Self.push
        plain.link = nil
        let opened = try Self.call("hms", plain, settings: ["app_id": "1001"], secrets: ["app_secret"])
        let action = try JSONDocument.parse(opened.body).root["message"]?["android"]?["notification"]?["click_action"]
        #expect(action?["type"]?.int == 3 && action?["url"] == nil)
    }

    @Test func `Expo gets a list of one message`() throws {
        let call = try Self.call("expo", secrets: ["access_token"])
        #expect(call.url == "https://exp.host/--/api/v2/push/send" && call.header("Authorization") == "Bearer s3cret-1")
        #expect(
            call.text
                == #"[{"to":"device-1","data":{"screen":"home","link":"https://shop.example/s",\#(Self.metadata)},"#
                + #""title":"Sale","body":"Now “half”","ttl":600,"priority":"high","mutableContent":true,"#
                + #""richContent":{"image":"https://shop.example/i.png"}}]"#)
        #expect(try Self.call("expo", secrets: []).header("Authorization") == nil)
    }

    @Test func `OneSignal gets a key by which it recognises a repeated request`() throws {
        let call = try Self.call("onesignal", settings: ["app_id": "app-1"], secrets: ["api_key"])
        #expect(call.header("Authorization") == "Key s3cret-1")
        let root = try JSONDocument.parse(call.body).root
        #expect(root["include_subscription_ids"]?[0]?.string == "device-1" && root["app_id"]?.string == "app-1")
        #expect(root["priority"]?.int == 10 && root["ttl"]?.int == 600 && root["collapse_id"]?.string == "sale")
        #expect(root["idempotency_key"]?.string == "76b6b853-ce07-5b6f-aeaf-e282beae41fe")
        // A text is required, and a title alone is one.
        let title = try Self.call(
            "onesignal", PushContent(title: "T", body: ""), settings: ["app_id": "a"], secrets: ["api_key"])
        #expect(try JSONDocument.parse(title.body).root["contents"]?["en"]?.string == "T")
    }

    @Test func `Pushover gets a form`() throws {
        let call = try Self.call("pushover", secrets: ["token"])
        #expect(
            call.text == "token=s3cret-1&user=device-1&title=Sale&message=Now+%E2%80%9Chalf%E2%80%9D"
                + "&url=https%3A%2F%2Fshop.example%2Fs&priority=1&ttl=600")
    }

    @Test func `a request whose answer was lost is repeated at OneSignal and not at the others`() throws {
        func calls(_ type: String, settings: [String: String], secrets: [String]) throws -> Int {
            let provider = try factory(environment: ["S": "s3cret-1"]).make(
                ProviderInstance(
                    name: type, type: type, settings: settings,
                    secrets: Dictionary(uniqueKeysWithValues: secrets.map { ($0, .environment("S")) }))
            ).provider
            let transport = FakeTransport { _ in .failure(TransportFault(.unknown, code: 28, "timed out")) }
            _ = send(provider, outbound(.push(Self.push), to: "device-1"), over: transport)
            return transport.calls.count
        }
        #expect(try calls("onesignal", settings: ["app_id": "a"], secrets: ["api_key"]) == 2)
        #expect(try calls("expo", settings: [:], secrets: []) == 1)
        #expect(try calls("pushover", settings: [:], secrets: ["token"]) == 1)
    }
}
