import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text

@testable import SobreProviders

@Suite("APNs requests and answers")
struct APNsTests {
    private static let start = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    private static let keys = try! TestKeys.p256()

    private static func provider(
        _ settings: [String: String] = [:], secrets: [String: String]? = nil, time: VirtualTime = VirtualTime(start)
    ) throws -> any Provider {
        let secrets = secrets ?? ["private_key": keys.privatePEM]
        return try factory(environment: secrets, time: time).make(
            ProviderInstance(
                name: "apns", type: "apns",
                settings: ["topic": "com.example.app", "key_id": "KEY7", "team_id": "TEAM9"]
                    .merging(settings) { _, new in new },
                secrets: Dictionary(uniqueKeysWithValues: secrets.keys.map { ($0, .environment($0)) }))
        ).provider
    }

    private static let accepts = FakeTransport { _ in
        .response(status: 200, headers: [("apns-id", "A-1")], body: [])
    }

    private static let push = PushContent(
        title: "Sale", body: "Now “half”", link: "https://shop.example/s", data: [.init(key: "screen", value: "home")],
        collapseKey: "sale")

    private static func call(
        _ content: PushContent = push, _ settings: [String: String] = [:], expiresAt: Instant? = nil
    ) throws -> HTTPCall {
        let transport = FakeTransport { _ in .response(status: 200, headers: [("apns-id", "A-1")], body: []) }
        var message = outbound(.push(content), to: "0a1b")
        message.expiresAt = expiresAt
        let outcome = send(try provider(settings), message, over: transport)
        #expect(outcome == Outcome(.accepted, providerID: "A-1"))
        return try #require(transport.calls.first)
    }

    @Test func `a push has exactly this form`() throws {
        var content = Self.push
        content.priority = .normal
        let call = try Self.call(content, ["sound": "default"], expiresAt: Self.start + .seconds(3600))
        #expect(call.url == "https://api.push.apple.com/3/device/0a1b")
        #expect(call.version == .http2 && call.method == "POST")
        #expect(call.header("apns-topic") == "com.example.app" && call.header("apns-push-type") == "alert")
        #expect(call.header("apns-priority") == "5" && call.header("apns-collapse-id") == "sale")
        #expect(call.header("apns-expiration") == "1772359688")
        #expect(call.header("apns-id")?.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
        #expect(
            call.text
                == #"{"screen":"home","link":"https://shop.example/s","sobre_id":"01jd3v8k6m1r0","sobre_recipient":"p-1","#
                + #""sobre_campaign":"spring","sobre_category":"marketing","#
                + #""aps":{"alert":{"title":"Sale","body":"Now “half”"},"sound":"default"}}"#)
        let token = try #require(call.header("Authorization")?.split(separator: " "))
        #expect(token.count == 2 && token[0] == "bearer")
        let parts = token[1].split(separator: ".").map(String.init)
        let header = try JSONDocument.parse(try Base64.decodeURL(parts[0])).root
        #expect(header["alg"]?.string == "ES256" && header["kid"]?.string == "KEY7")
        let claims = try JSONDocument.parse(try Base64.decodeURL(parts[1])).root
        #expect(claims["iss"]?.string == "TEAM9" && claims["iat"]?.int == 1_772_356_088)
        let key = try PublicKey(pem: Self.keys.publicPEM)
        #expect(key.verify(try Base64.decodeURL(parts[2]), of: Array("\(parts[0]).\(parts[1])".utf8), with: .es256))
    }

    @Test(arguments: [
        (PushContent.Priority.high, "10"), (.normal, "5"), (.low, "1"),
    ])
    func `the priority is one of Apple's`(priority: PushContent.Priority, value: String) throws {
        var content = Self.push
        content.priority = priority
        #expect(try Self.call(content).header("apns-priority") == value)
        #expect(try Self.call().header("apns-priority") == nil)
    }

    @Test func `a push expires when the template says so, and never after its message`() throws {
        var content = Self.push
        content.timeToLive = 60
        #expect(try Self.call(content).header("apns-expiration") == "1772356148")
        #expect(try Self.call(content, expiresAt: Self.start + .seconds(30)).header("apns-expiration") == "1772356118")
        #expect(try Self.call(content, expiresAt: Self.start - .seconds(5)).header("apns-expiration") == "1772356088")
        #expect(try Self.call().header("apns-expiration") == nil)
    }

    @Test func `a background push wakes the app and shows nothing`() throws {
        let call = try Self.call(Self.push, ["push_type": "background"])
        #expect(call.header("apns-push-type") == "background")
        let aps = try #require(try JSONDocument.parse(call.body).root["aps"])
        #expect(aps["content-available"]?.int == 1 && aps["alert"] == nil)
    }

    @Test func `an update of a Live Activity has its topic, its state and the time`() throws {
        let content = PushContent(
            title: "", body: "", activity: .init(event: .update, state: #"{"stops": 3, "near": true}"#))
        let call = try Self.call(content)
        #expect(call.header("apns-push-type") == "liveactivity")
        #expect(call.header("apns-topic") == "com.example.app.push-type.liveactivity")
        let aps = try #require(try JSONDocument.parse(call.body).root["aps"])
        #expect(aps["event"]?.string == "update" && aps["timestamp"]?.int == 1_772_356_088)
        #expect(aps["content-state"]?["stops"]?.int == 3 && aps["alert"] == nil)
    }

    @Test func `one token serves forty minutes and is then signed anew`() throws {
        let time = VirtualTime(Self.start)
        let provider = try Self.provider(time: time)
        func token() -> String? {
            let transport = FakeTransport { _ in .response(status: 200, headers: [("apns-id", "A")], body: []) }
            _ = send(provider, outbound(.push(Self.push), to: "t"), over: transport)
            return transport.calls.first?.header("Authorization")
        }
        let first = token()
        time.advance(by: .seconds(2399))
        #expect(token() == first)
        time.advance(by: .seconds(1))
        #expect(token() != first)
    }

    @Test func `a token that Apple finds too old is signed anew, and a refused new one is an account error`() throws {
        let provider = try Self.provider()
        let bad = FakeTransport { _ in .json(403, #"{"reason":"ExpiredProviderToken"}"#) }
        _ = send(provider, outbound(.push(Self.push), to: "t"), over: Self.accepts)
        #expect(send(provider, outbound(.push(Self.push), to: "t"), over: bad)?.kind == .authRefresh)
        #expect(send(provider, outbound(.push(Self.push), to: "t"), over: bad)?.kind == .auth)
    }

    /// The bytes around a body in a request whose metadata is that of `outbound`.
    private func size(_ content: PushContent) throws -> Int { try Self.call(content).body.count }

    @Test func `4096 bytes are sent and 4097 are not, whatever the length of the token`() throws {
        let around = try size(PushContent(title: "t", body: "x")) - 1
        func outcome(_ bytes: Int, _ type: String = "alert") throws -> Outcome.Kind? {
            let transport = FakeTransport { _ in .response(status: 200, headers: [("apns-id", "A")], body: []) }
            let content = PushContent(title: "t", body: String(repeating: "x", count: bytes - around))
            return send(
                try Self.provider(["push_type": type]),
                outbound(.push(content), to: String(repeating: "a", count: 160)),
                over: transport)?.kind
        }
        #expect(try outcome(4096) == .accepted)
        #expect(try outcome(4097) == .contentTooLarge)
        #expect(try outcome(5120, "voip") == .accepted)
        #expect(try outcome(5121, "voip") == .contentTooLarge)
        // Each quote takes two bytes in JSON.
        let quotes = RenderedMessage.push(PushContent(title: "t", body: String(repeating: "\"", count: 2100)))
        #expect(try Self.provider().refusal(of: quotes)?.kind == .contentTooLarge)
    }

    @Test func `data named aps is refused, because it would replace the notification`() throws {
        var content = Self.push
        content.data.append(.init(key: "aps", value: "x"))
        let refusal = try #require(try Self.provider().refusal(of: .push(content)))
        #expect(refusal.kind == .contentRejected && refusal.detail.contains("data.aps"))
        content.data[1] = .init(key: "apse", value: "x")
        #expect(try Self.provider().refusal(of: .push(content)) == nil)
    }

    @Test(arguments: ["from", "message_type", "google.ttl", "gcm.n.e"])
    func `FCM's reserved names are refused too`(name: String) throws {
        let provider = try factory(files: ["/sa.json": FCMTests.account()]).make(
            ProviderInstance(name: "fcm", type: "fcm", secrets: ["service_account": .file("/sa.json")])
        ).provider
        let content = PushContent(title: "t", body: "b", data: [.init(key: name, value: "x")])
        #expect(provider.refusal(of: .push(content))?.kind == .contentRejected)
    }

    @Test func `a wrong environment is our settings once several tokens are refused, and removes none`() throws {
        let transport = FakeTransport { _ in .json(400, #"{"reason":"BadDeviceToken"}"#) }
        let first = send(try Self.provider(), outbound(.push(Self.push), to: "t1"), over: transport)
        let second = send(try Self.provider(), outbound(.push(Self.push), to: "t2"), over: transport)
        #expect(first?.kind == .recipientUnreachable)
        #expect(first?.commonCause != nil && first?.commonCause == second?.commonCause)
    }

    @Test func `a certificate is checked when the provider is set up`() throws {
        let other = try TestKeys.p256()
        let certificate = try Self.keys.certificate()
        func problem(_ secrets: [String: String]) -> String? {
            do {
                _ = try Self.provider(secrets: secrets)
                return nil
            } catch { return "\(error)" }
        }
        #expect(problem(["certificate": certificate, "certificate_key": Self.keys.privatePEM]) == nil)
        #expect(
            problem(["certificate": certificate, "certificate_key": other.privatePEM])?
                .contains("belongs to another private key") == true)
        #expect(problem(["certificate": certificate])?.contains("set both") == true)
        #expect(problem(["certificate": "x", "certificate_key": other.privatePEM])?.contains("certificate") == true)
        #expect(
            problem(["certificate": try Self.keys.expiredCertificate(), "certificate_key": Self.keys.privatePEM])?
                .contains("valid now") == true)
        #expect(problem([:])?.contains("private key is missing") == true)
    }
}
