import Foundation
import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text

@testable import SobreProviders

@Suite("Web Push")
struct WebPushTests {
    private static let start = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    private static let keys = try! TestKeys.p256()
    /// The browser of RFC 8291's example, whose private key is known.
    private static let point =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    private static let secret = "BTBZMqHH6r4Tts7J_aSIgg"
    private static let browserKey = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"

    private static func address(
        _ endpoint: String = "https://updates.push.services.mozilla.com/wpush/v2/abc", point: String = point,
        secret: String = secret
    ) -> String {
        #"{"endpoint":"\#(endpoint)","expirationTime":null,"keys":{"p256dh":"\#(point)","auth":"\#(secret)"}}"#
    }

    private static func provider(
        _ settings: [String: String] = [:], key: String? = nil, time: VirtualTime = VirtualTime(start)
    ) throws -> any Provider {
        try factory(environment: ["KEY": key ?? keys.privatePEM], time: time).make(
            ProviderInstance(
                name: "web", type: "web-push",
                settings: ["subject": "mailto:push@shop.example"].merging(settings) { _, new in new },
                secrets: ["private_key": .environment("KEY")])
        ).provider
    }

    private static let push = PushContent(
        title: "Sale", body: "Now “half”", link: "https://shop.example/s", data: [.init(key: "screen", value: "home")],
        collapseKey: "sale", priority: .high)

    private static func answer(_ status: Int, _ body: String = "", _ headers: [(String, String)] = []) -> FakeTransport
    {
        FakeTransport { _ in
            .response(status: status, headers: headers.map { (name: $0.0, value: $0.1) }, body: Array(body.utf8))
        }
    }

    private static func call(
        _ content: PushContent = push, _ settings: [String: String] = [:], to address: String = address(),
        expiresAt: Instant? = nil
    ) throws -> HTTPCall {
        let transport = answer(201, "", [("Location", "https://updates.push.services.mozilla.com/m/1")])
        var message = outbound(.push(content), to: address)
        message.expiresAt = expiresAt
        let outcome = send(try provider(settings), message, over: transport)
        #expect(
            outcome == Outcome(.accepted, providerID: "https://updates.push.services.mozilla.com/m/1"),
            "\(outcome as Any)")
        return try #require(transport.calls.first)
    }

    @Test func `a push goes to the browser's endpoint with a token for that service`() throws {
        let call = try Self.call(expiresAt: Self.start + .seconds(3600))
        #expect(call.method == "POST" && call.version == .http2)
        #expect(call.url == "https://updates.push.services.mozilla.com/wpush/v2/abc")
        #expect(call.header("Content-Encoding") == "aes128gcm" && call.header("TTL") == "3600")
        #expect(call.header("Urgency") == "high" && call.header("Topic") == "sale")
        let authorization = try #require(call.header("Authorization"))
        let match = try #require(authorization.wholeMatch(of: /vapid t=([^.]+)\.([^.]+)\.([^,]+), k=(.+)/))
        let key = try PublicKey(pem: Self.keys.publicPEM)
        #expect(
            key.verify(
                try Base64.decodeURL(String(match.3)), of: Array("\(match.1).\(match.2)".utf8), with: .es256))
        let point = try #require(try PrivateKey(pem: Self.keys.privatePEM).p256Point)
        #expect(try Base64.decodeURL(String(match.4)) == point)
        let claims = try JSONDocument.parse(try Base64.decodeURL(String(match.2))).root
        #expect(claims["aud"]?.string == "https://updates.push.services.mozilla.com")
        #expect(claims["sub"]?.string == "mailto:push@shop.example")
        #expect(claims["exp"]?.int == 1_772_356_088 + 12 * 3600)
    }

    @Test func `the ttl is the template's, the message's or the instance's, and a topic fits 32 characters`() throws {
        var content = Self.push
        content.timeToLive = 60
        content.collapseKey = "the order of Ann Ö., number 7"
        content.priority = nil
        let call = try Self.call(content)
        #expect(call.header("TTL") == "60" && call.header("Urgency") == nil)
        let topic = try #require(call.header("Topic"))
        #expect(topic.wholeMatch(of: /[A-Za-z0-9_-]{32}/) != nil)
        content.timeToLive = nil
        #expect(try Self.call(content).header("Topic") == topic)
        #expect(try Self.call(content).header("TTL") == "2419200")
        #expect(try Self.call(content, ["ttl": "1h"]).header("TTL") == "3600")
        content.collapseKey = String(repeating: "a", count: 33)
        #expect(try Self.call(content).header("Topic")?.count == 32)
        content.collapseKey = nil
        #expect(try Self.call(content).header("Topic") == nil)
    }

    private static let json =
        #"{"web_push":8030,"notification":{"title":"Sale","body":"Now “half”","navigate":"https://shop.example/s","#
        + #""tag":"sale","data":{"screen":"home","sobre_id":"01jd3v8k6m1r0","sobre_recipient":"p-1","sobre_campaign":"spring","#
        + #""sobre_category":"marketing"}}}"#

    @Test func `the browser's key decrypts what was sent`() throws {
        let body = try Self.call().body
        #expect(try Self.decrypt(body) == Self.json)
        var damaged = body
        damaged[100] ^= 1
        #expect(throws: (any Error).self) { try Self.decrypt(damaged) }
    }

    @Test(
        "http_ece of the pywebpush project decrypts what was sent",
        .enabled(if: hasECE, "Skipped: Python's http_ece is not installed (pip install http_ece)."))
    func independentDecryption() throws {
        let body = try Self.call().body
        let script = """
            import base64, sys, http_ece
            from cryptography.hazmat.primitives.asymmetric import ec
            number = int.from_bytes(base64.urlsafe_b64decode(sys.argv[1] + "="), "big")
            key = ec.derive_private_key(number, ec.SECP256R1())
            text = http_ece.decrypt(bytes.fromhex(sys.argv[3]), private_key=key,
                auth_secret=base64.urlsafe_b64decode(sys.argv[2] + "=="), version="aes128gcm")
            sys.stdout.buffer.write(text)
            """
        #expect(try Self.python(script, [Self.browserKey, Self.secret, Hex.encode(body)]) == Self.json)
    }

    @Test(arguments: [
        (201, "", Outcome.Kind.accepted), (200, "", .accepted), (404, "", .recipientGone), (410, "", .recipientGone),
        (413, "", .contentTooLarge), (429, "", .throttled), (401, "", .auth), (403, "invalid JWT provided", .auth),
        (400, #"{"errno":109,"message":"Invalid VAPID token"}"#, .auth),
        (403, "the public key does not correspond to the credentials used to subscribe", .recipientUnreachable),
        (400, #"{"reason":"VapidPkHashMismatch"}"#, .recipientUnreachable), (400, "", .recipientUnreachable),
        (503, "", .transient), (500, "", .ambiguous), (302, "", .configuration), (418, "", .permanentUnknown),
    ])
    func `an answer blames who is at fault`(status: Int, body: String, kind: Outcome.Kind) throws {
        let provider = try Self.provider()
        let outcome = send(
            provider, outbound(.push(Self.push), to: Self.address()),
            over: Self.answer(status, body, [("Retry-After", "60")]))
        #expect(outcome?.kind == kind)
        if status == 429 { #expect(outcome?.retryAfter == .seconds(60)) }
        // Equal for equal refusals, so that several in a row are recognised as ours.
        #expect((outcome?.commonCause != nil) == (kind == .recipientUnreachable))
    }

    @Test(arguments: [
        "https://127.0.0.1/x", "https://10.0.0.8/x", "https://[::1]/x", "https://localhost:8080/x",
        "https://metadata.internal/latest", "https://fcm.googleapis.com.evil.example/x",
        "https://evil.example/fcm.googleapis.com", "https://notify.windows.com.evil.example/",
    ])
    func `an endpoint elsewhere than at a push service is never called`(endpoint: String) throws {
        let transport = Self.answer(201)
        let outcome = send(
            try Self.provider(), outbound(.push(Self.push), to: Self.address(endpoint)), over: transport)
        #expect(outcome?.kind == .recipientUnreachable && transport.calls.isEmpty)
        #expect(outcome?.detail.contains("the setting hosts") == true)
    }

    @Test(arguments: [
        "https://fcm.googleapis.com/fcm/send/x:y", "https://wns2-db5p.notify.windows.com/w/?token=a%2b",
        "https://web.push.apple.com/QF", "https://FCM.googleapis.com/wp/x",
    ])
    func `the known push services are called, and others that the settings name`(endpoint: String) throws {
        #expect(try Self.call(to: Self.address(endpoint)).url == endpoint)
        let own = "https://push.shop.example:8443/x"
        #expect(try Self.call(Self.push, ["hosts": "push.shop.example"], to: Self.address(own)).url == own)
        let outcome = send(
            try Self.provider(["hosts": "push.shop.example"]), outbound(.push(Self.push), to: Self.address(endpoint)),
            over: Self.answer(201))
        #expect(outcome?.kind == .recipientUnreachable)
    }

    @Test(arguments: [
        ("token", "not the JSON"), (#"{"keys":{}}"#, "endpoint"), (address("http://fcm.googleapis.com/x"), "endpoint"),
        (address("ftp://fcm.googleapis.com/x"), "endpoint"), (address("https://u:p@fcm.googleapis.com/x"), "endpoint"),
        (address(point: "BCVx"), "p256dh"), (address(secret: "BTBZ"), "auth"),
        (address(point: String(point.dropLast(2)) + "AA"), "point of P-256"),
    ])
    func `an address that is no subscription is the recipient's fault`(address: String, words: String) throws {
        let transport = Self.answer(201)
        let outcome = send(try Self.provider(), outbound(.push(Self.push), to: address), over: transport)
        #expect(outcome?.kind == .recipientInvalid && outcome?.detail.contains(words) == true, "\(outcome as Any)")
        #expect(transport.calls.isEmpty)
    }

    @Test func `a text that does not fit one record is refused, and a Live Activity too`() throws {
        let provider = try Self.provider()
        #expect(provider.refusal(of: .push(Self.push)) == nil)
        let long = PushContent(title: "t", body: String(repeating: "\"", count: 2000))
        #expect(provider.refusal(of: .push(long))?.kind == .contentTooLarge)
        let activity = PushContent(title: "t", body: "b", activity: .init(event: .update, state: "{}"))
        #expect(provider.refusal(of: .push(activity))?.kind == .contentRejected)
        #expect(provider.refusal(of: .sms(SMSContent(text: "x")))?.kind == .contentRejected)
    }

    @Test func `one token serves many browsers of a service for eleven hours`() throws {
        let time = VirtualTime(Self.start)
        let provider = try Self.provider(time: time)
        func token(_ endpoint: String) -> String? {
            let transport = Self.answer(201)
            _ = send(provider, outbound(.push(Self.push), to: Self.address(endpoint)), over: transport)
            return transport.calls.first?.header("Authorization")
        }
        let first = token("https://fcm.googleapis.com/a")
        #expect(first != nil && token("https://fcm.googleapis.com/b") == first)
        #expect(token("https://web.push.apple.com/c") != first)
        time.advance(by: .seconds(11 * 3600 - 1))
        #expect(token("https://fcm.googleapis.com/a") == first)
        time.advance(by: .seconds(1))
        #expect(token("https://fcm.googleapis.com/a") != first)
    }

    @Test func `the key may be PEM or the 32 bytes that VAPID tools print`() throws {
        let provider = try Self.provider(key: Self.browserKey)
        let transport = Self.answer(201)
        _ = send(provider, outbound(.push(Self.push), to: Self.address()), over: transport)
        #expect(transport.calls.first?.header("Authorization")?.hasSuffix("k=\(Self.point)") == true)
    }

    @Test(arguments: [
        (["subject": "shop"], nil, "no address to reach you"), (["hosts": "*"], nil, "not a host's name"),
        (["hosts": ","], nil, "no push service"), (["ttl": "soon"], nil, "not a duration"),
        (["url": "x"], nil, "no setting"),
        (["private_key": "x"], nil, "belongs under secrets"), ([:], "abc", "32 bytes"), ([:], "a!", "neither PEM"),
    ])
    func `a wrong setting is reported when the provider is set up`(
        settings: [String: String], key: String?, words: String
    ) {
        do {
            _ = try Self.provider(settings, key: key)
            Issue.record("accepted")
        } catch { #expect("\(error)".contains(words), "\(error)") }
    }

    // MARK: - The browser's side

    /// Decrypts a body in the browser's place, by RFC 8291 §3 and OpenSSL's command.
    private static func decrypt(_ body: [UInt8]) throws -> String {
        let own = Array(body[21..<86])
        let key = try PrivateKey(p256: try Base64.decodeURL(browserKey))
        let shared = try #require(key.agree(with: own))
        let combined = HMAC.sha256(shared, key: try Base64.decodeURL(secret))
        let input = HMAC.sha256(
            Array("WebPush: info\0".utf8) + (try Base64.decodeURL(point)) + own + [1], key: combined)
        let derived = HMAC.sha256(input, key: Array(body[..<16]))
        let content = HMAC.sha256(Array("Content-Encoding: aes128gcm\0".utf8) + [1], key: derived).prefix(16)
        let nonce = HMAC.sha256(Array("Content-Encoding: nonce\0".utf8) + [1], key: derived).prefix(12)
        let text = try python(
            """
            import sys
            from ctypes import CDLL, byref, c_int, create_string_buffer
            from ctypes.util import find_library
            from ctypes import c_void_p
            crypto = CDLL(find_library("crypto"))
            crypto.EVP_CIPHER_CTX_new.restype = crypto.EVP_aes_128_gcm.restype = c_void_p
            key, nonce, data = (bytes.fromhex(text) for text in sys.argv[1:4])
            context = c_void_p(crypto.EVP_CIPHER_CTX_new())
            size = c_int()
            out = create_string_buffer(len(data))
            crypto.EVP_DecryptInit_ex(context, c_void_p(crypto.EVP_aes_128_gcm()), None, key, nonce)
            crypto.EVP_DecryptUpdate(context, out, byref(size), data[:-16], len(data) - 16)
            crypto.EVP_CIPHER_CTX_ctrl(context, 0x11, 16, data[-16:])
            if crypto.EVP_DecryptFinal_ex(context, out, byref(c_int())) != 1: sys.exit(1)
            sys.stdout.buffer.write(out.raw[:size.value])
            """, [Hex.encode(Array(content)), Hex.encode(Array(nonce)), Hex.encode(Array(body[86...]))])
        guard text.utf8.last == 2 else { throw Failed() }
        return String(text.dropLast())
    }

    private struct Failed: Error {}

    private static let hasECE = (try? python("import http_ece, cryptography", [])) != nil

    private static func python(_ script: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
        return String(decoding: data, as: UTF8.self)
    }
}
