import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders
import Text

@Suite("FCM and its access tokens")
struct FCMTests {
    /// A temporary key pair made by OpenSSL.
    private static let keys = try! TestKeys.rsa()
    private static var pem: String { keys.privatePEM }

    private static let start = Instant(rfc3339: "2026-03-01T09:00:00Z")!

    static func account() -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in [
            ("type", "service_account"), ("project_id", "shop-1"), ("private_key_id", "kid7"), ("private_key", pem),
            ("client_email", "sender@shop-1.iam.example"),
        ] {
            writer.key(key)
            writer.value(value)
        }
        writer.endObject()
        return String(decoding: writer.take(), as: UTF8.self)
    }

    private static func provider(_ settings: [String: String] = [:], time: VirtualTime = VirtualTime(start)) throws
        -> any Provider
    {
        try factory(files: ["/sa.json": account()], time: time).make(
            ProviderInstance(
                name: "fcm", type: "fcm", settings: settings, secrets: ["service_account": .file("/sa.json")])
        ).provider
    }

    private static let push = RenderedMessage.push(
        PushContent(
            title: "Sale", body: "Now “half”", link: "https://shop.example/s",
            data: [.init(key: "screen", value: "home"), .init(key: "sobre_id", value: "forged")], collapseKey: "sale"))

    private static func answers(_ status: Int = 200, _ body: String = #"{"name":"projects/shop-1/messages/1"}"#)
        -> @Sendable (HTTPCall) -> HTTPAnswer?
    {
        { call in
            call.url.hasSuffix("/token")
                ? .json(200, #"{"access_token":"ya29.abc","expires_in":3599,"token_type":"Bearer"}"#)
                : .json(status, body)
        }
    }

    @Test func `a token of another project is that token's fault, unless every token is`() throws {
        let body = """
            {"error":{"code":403,"status":"PERMISSION_DENIED","details":[
             {"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"SENDER_ID_MISMATCH"}]}}
            """
        let outcome = try #require(
            send(
                try Self.provider(), outbound(Self.push, to: "tok:1"),
                over: FakeTransport(answer: Self.answers(403, body))))
        #expect(outcome.kind == .recipientGone && outcome.kind.fault == .recipient)
        let other = send(
            try Self.provider(), outbound(Self.push, to: "tok:2"), over: FakeTransport(answer: Self.answers(403, body)))
        #expect(outcome.commonCause != nil && outcome.commonCause == other?.commonCause)
        let apns = body.replacing("SENDER_ID_MISMATCH", with: "THIRD_PARTY_AUTH_ERROR")
        let third = send(
            try Self.provider(), outbound(Self.push, to: "tok:3"), over: FakeTransport(answer: Self.answers(401, apns)))
        #expect(third?.kind == .recipientDeferred)
    }

    @Test func `the token is requested with a signed assertion and the push has exactly these bytes`() throws {
        let transport = FakeTransport(answer: Self.answers())
        let outcome = send(try Self.provider(), outbound(Self.push, to: "tok:EN_1"), over: transport)
        #expect(outcome == Outcome(.accepted, providerID: "projects/shop-1/messages/1"))
        #expect(transport.calls.count == 2)
        let token = transport.calls[0]
        #expect(token.url == "https://oauth2.googleapis.com/token")
        let prefix = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
        #expect(token.text.hasPrefix(prefix))
        let parts = token.text.dropFirst(prefix.count).split(separator: ".").map(String.init)
        #expect(parts.count == 3)
        let header = try JSONDocument.parse(try Base64.decodeURL(parts[0])).root
        #expect(header["alg"]?.string == "RS256")
        #expect(header["kid"]?.string == "kid7")
        let claims = try JSONDocument.parse(try Base64.decodeURL(parts[1])).root
        #expect(claims["iss"]?.string == "sender@shop-1.iam.example")
        #expect(claims["aud"]?.string == "https://oauth2.googleapis.com/token")
        #expect(claims["scope"]?.string == "https://www.googleapis.com/auth/firebase.messaging")
        #expect(claims["iat"]?.int == 1_772_355_600)
        #expect(claims["exp"]?.int == 1_772_359_200)
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let key = try PublicKey(pem: Self.keys.publicPEM)
        #expect(key.verify(try Base64.decodeURL(parts[2]), of: signed, with: .rs256))

        let call = transport.calls[1]
        #expect(call.url == "https://fcm.googleapis.com/v1/projects/shop-1/messages:send")
        #expect(call.version == .http2)
        #expect(call.header("Authorization") == "Bearer ya29.abc")
        #expect(
            call.text
                == #"{"message":{"token":"tok:EN_1","notification":{"title":"Sale","body":"Now “half”"},"#
                + #""data":{"screen":"home","link":"https://shop.example/s","sobre_id":"01jd3v8k6m1r0","sobre_recipient":"p-1","#
                + #""sobre_campaign":"spring","sobre_category":"marketing"},"android":{"collapse_key":"sale"},"#
                + #""apns":{"headers":{"apns-collapse-id":"sale"}}}}"#)
    }

    @Test func `one token serves many messages until shortly before its end`() throws {
        let time = VirtualTime(Self.start)
        let provider = try Self.provider(time: time)
        let transport = FakeTransport(answer: Self.answers())
        func tokenCalls() -> Int { transport.calls.filter { $0.url.hasSuffix("/token") }.count }
        for _ in 0..<5 { _ = send(provider, outbound(Self.push, to: "t"), over: transport) }
        #expect(tokenCalls() == 1)
        time.advance(by: .seconds(3298))
        _ = send(provider, outbound(Self.push, to: "t"), over: transport)
        #expect(tokenCalls() == 1)
        time.advance(by: .seconds(2))
        _ = send(provider, outbound(Self.push, to: "t"), over: transport)
        #expect(tokenCalls() == 2)
    }

    @Test func `while a token is fetched all messages wait for that one`() throws {
        let provider = try Self.provider()
        let transport = FakeTransport { call in
            call.url.hasSuffix("/token") ? nil : .json(200, #"{"name":"n"}"#)
        }
        let outcomes = Outcomes()
        for _ in 0..<100 {
            provider.send(outbound(Self.push, to: "t"), over: transport, completion: outcomes.completion)
        }
        #expect(transport.calls.count == 1)
        #expect(outcomes.all.isEmpty)
        transport.release { _ in .json(200, #"{"access_token":"a","expires_in":3600}"#) }
        #expect(transport.calls.count == 101)
        #expect(outcomes.all.count == 100)
        #expect(outcomes.all.allSatisfy { $0.kind == .accepted })
    }

    @Test func `waiting for a token is bounded`() throws {
        let key = try PrivateKey(pem: Self.pem)
        let grant = TokenGrant(
            url: "https://t.example/token", issuer: "i", scope: nil, keyID: nil, key: key, renewBefore: .seconds(300))
        let cache = TokenCache(source: grant, time: VirtualTime(Self.start), maxWaiters: 3)
        let transport = FakeTransport { _ in nil }
        let refused = Outcomes()
        for _ in 0..<5 {
            cache.token(over: transport, timeout: .seconds(5)) { answer in
                if case .refused(let outcome) = answer { refused.completion(outcome) }
            }
        }
        #expect(refused.all.count == 2)
        #expect(refused.all.allSatisfy { $0.kind == .throttled })
    }

    @Test(arguments: [
        (HTTPAnswer.json(400, #"{"error":"invalid_grant","error_description":"Invalid JWT"}"#), Outcome.Kind.auth),
        (.json(401, ""), .auth), (.json(503, ""), .transient), (.json(429, ""), .transient),
        (.json(302, ""), .configuration),
        (.json(200, "{\"access_"), .transient), (.json(200, "{}"), .transient),
        (.failure(TransportFault(.unknown, code: 28, "timed out")), .transient),
        (.failure(TransportFault(.configuration, code: 60, "certificate")), .configuration),
    ])
    func `without a token nothing was sent, whatever the error`(answer: HTTPAnswer, kind: Outcome.Kind) throws {
        let transport = FakeTransport { _ in answer }
        let outcome = send(try Self.provider(), outbound(Self.push, to: "t"), over: transport)
        #expect(outcome?.kind == kind)
        #expect(outcome?.kind.proof == .notSent)
        #expect(transport.calls.count == 1)
    }

    @Test func `a stale token is renewed, and a rejected new one is an account error`() throws {
        let provider = try Self.provider()
        let good = FakeTransport(answer: Self.answers())
        let bad = FakeTransport(answer: Self.answers(401, "{}"))
        #expect(send(provider, outbound(Self.push, to: "t"), over: good)?.kind == .accepted)
        #expect(send(provider, outbound(Self.push, to: "t"), over: bad)?.kind == .authRefresh)
        #expect(send(provider, outbound(Self.push, to: "t"), over: bad)?.kind == .auth)
        #expect(bad.calls.filter { $0.url.hasSuffix("/token") }.count == 1)
    }

    @Test func `a payload over 4096 bytes is rejected before the call`() throws {
        let provider = try Self.provider()
        let big = RenderedMessage.push(PushContent(title: "t", body: String(repeating: "\"", count: 2100)))
        #expect(provider.refusal(of: big)?.kind == .contentTooLarge)
        #expect(provider.refusal(of: Self.push) == nil)
    }

    @Test func `the URLs of both servers can be set, without TLS for this machine`() throws {
        let provider = try Self.provider(["endpoint": "http://localhost:9/", "token_url": "http://127.0.0.1:9/token"])
        let transport = FakeTransport(answer: Self.answers())
        _ = send(provider, outbound(Self.push, to: "t"), over: transport)
        #expect(
            transport.calls.map(\.url) == [
                "http://127.0.0.1:9/token", "http://localhost:9/v1/projects/shop-1/messages:send",
            ])
        #expect(transport.calls[1].header("X-Sobre-Recipient") == "p-1")
    }
}
