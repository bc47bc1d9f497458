import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text

@testable import SobreProviders

/// The signatures that stand here as texts were computed by Python's hmac, hashlib and cryptography.
@Suite("How receipts are verified")
struct ReceiptVerifierTests {
    private static let now = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    fileprivate static let stamp = "1772356088"
    private static let body = Array(#"{"event":"ü"}"#.utf8)

    static func gate(
        _ verify: String, settings: [String: String] = ["callback_url": "https://hooks.example/r"],
        key: String? = "k3y", transport: FakeTransport? = nil
    ) throws -> ReceiptGate {
        let text = """
            manifest: 1
            name: t
            channel: sms
            settings: {key: {secret: true, optional: true}, topic: {optional: true}}
            endpoint: https://api.example
            request: {body: {m: "${msg.text}"}}
            response: {rules: [{when: {status: 200}, outcome: accepted, id: none}]}
            receipts:
              verify: \(verify)
              decode: json
              event: {id: json:id, status: json:event}
              status: {delivered: delivered}
            """
        let manifest = try Manifest.parseAll(text: text, file: "t.yaml")[0]
        let source = SecretSource(environment: { _ in key }, file: { _ in nil })
        return try ProviderFactory(manifests: [manifest], secrets: source).receiptGate(
            ProviderInstance(
                name: "t", type: "t", settings: settings, secrets: key == nil ? [:] : ["key": .environment("K")]),
            transport: transport)
    }

    static func code(_ gate: ReceiptGate, _ request: ReceiptRequest, at time: Instant = now) -> ReceiptRefusal.Code? {
        do {
            try gate.verify(request, now: time)
            return nil
        } catch { return error.code }
    }

    static let publicKey =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+cpU4qBX7WDTtuQ5LwNOr4fumFCcMpewhZG5UVuEGQgjVyY2EjRlfEesDvwRjKrIu27ZTyLs"
        + "fCkipKbYtI+atw=="
    static let cases: [(verify: String, key: String, headers: [String: String], isTimed: Bool)] = [
        (
            "{type: hmac, key: \"${secret.key}\", signature: header:Signature, signed: \"${body}\"}", "k3y",
            ["signature": "68eea390e07ee8c25de44087f92e5d2e307b98be4eb7a2be7b1dfcf855620c26"], false
        ),
        (
            "{type: hmac, hash: sha1, encoding: base64, key: \"${secret.key}\", signature: header:X-Sig, signed: \"${body}\"}",
            "k3y", ["x-sig": "eMvzCeoHdHCU5dTkoq4Cp6QG/Qs="], false
        ),
        (
            "{type: hmac, encoding: base64, key: \"${secret.key}\", signature: header:x-signature, signed: \"${body}.${header:x-nonce}.${header:x-time}\", timestamp: header:x-time}",
            "k3y",
            [
                "x-signature": "D0CpklsLV71cQtsLoQehFANsP7oJMpTc1YnFMc5kVW4=", "x-nonce": "n1", "x-time": stamp,
            ], true
        ),
        (
            "{type: hmac, prefix: \"v0=\", key: \"${secret.key}\", signature: header:x-sig, signed: \"v0:${header:x-time}:${body}\", timestamp: header:x-time}",
            "k3y",
            ["x-sig": "v0=f38f92c8dee90c8ea43ebbd744d0694e82bd5cf7e66bab1a3b31739f7b81f774", "x-time": stamp], true
        ),
        (
            "{type: ecdsa_p256, key: \"${secret.key}\", signature: header:x-sig, signed: \"${header:x-time}${body}\", timestamp: header:x-time}",
            publicKey,
            [
                "x-time": stamp,
                "x-sig":
                    "MEQCICE+F5ICp7VVSzUfiKKozzIQlA1Sg+EWo4Xah1gPXSjAAiAtCjYu/H4a5POTIuut0DyajsEF8FlRUsJJsEwzZ3k1cw==",
            ], true
        ),
        (
            "{type: ed25519, key: \"${secret.key}\", signature: header:x-sig, signed: \"${header:x-time}|${body}\", timestamp: header:x-time}",
            "PQ/lWZp/82XspFaUcbnrnVzOjTXbCq/WcaM2T2kthc8=",
            [
                "x-time": stamp,
                "x-sig":
                    "62Umuo+ZimyLmUQpXRfI90VUufYmT/ec4StqA3ZbFqMtpA0ynsBQEM4A9CuxoJlvWj/lpzJOYdCBRdnExYIfDw==",
            ], true
        ),
        (
            "{type: svix, secret: \"${secret.key}\"}", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            [
                "svix-id": "msg_1", "svix-timestamp": stamp,
                "svix-signature": "v1,hj37b2B+tZ6OJpWHYbWE9IL8E3J+Pb0j8HKZwM268Io=",
            ], true
        ),
        (
            "{type: jwt, key: \"${secret.key}\", token: header:Authorization, url: url_hash}", "k3y",
            [
                "authorization":
                    "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3NzIzNTYwODgsInBheWxvYWRfaGFzaCI6ImIxYTY2ZjAxYTY1N2IxOTYwZGU3YmRjMjM1MDU1NGZlMTc2ZjBlMTJkNzRlNjRkMjA5MDA2OWYxYTY0ZjJjYzQiLCJ1cmxfaGFzaCI6IjhiMGY5OTQyOTRmNDViYjI5ZGVlYjcwM2JiZDcyYWVlZjEyMjcyNmYwMzFmMjQ5ZmRlNTZiMjIzNTc1ZTJhZmYifQ.7F_tl1IYP8IB5uSXMoJ8mTRIDo9Yr2KjIdCvrOBNo04"
            ], true
        ),
    ]

    @Test(arguments: cases.indices)
    func `a genuine signature passes; a changed body, key or header and an old time do not`(index: Int) throws {
        let (verify, key, headers, isTimed) = Self.cases[index]
        let gate = try Self.gate(verify, key: key)
        let request = ReceiptRequest(query: "sobre_id=01jd3v8k6m1r0", headers: headers, body: Self.body)
        #expect(Self.code(gate, request) == nil)
        #expect(Self.code(gate, request, at: Self.now + .seconds(299)) == nil)
        for age in [Duration.seconds(301), .seconds(-301)] {
            #expect(Self.code(gate, request, at: Self.now + age) == (isTimed ? .timestamp : nil))
        }
        var changed = request
        changed.body[10] ^= 1
        #expect(Self.code(gate, changed) == .signature)
        for name in headers.keys {
            changed = request
            let value = try #require(headers[name])
            let middle = value.index(value.startIndex, offsetBy: value.count / 2)
            changed.headers[name] = value.replacingCharacter(at: middle)
            #expect(Self.code(gate, changed) != nil, "\(name)")
            changed.headers[name] = nil
            #expect(Self.code(gate, changed) == .signature, "\(name)")
        }
    }

    @Test func `a token may not choose how it is verified, and belongs to one URL and one body`() throws {
        let gate = try Self.gate("{type: jwt, key: \"${secret.key}\", token: header:x-token, url: url_hash}")
        func token(_ claims: String, header: String = #"{"alg":"HS256"}"#, key: String = "k3y") -> String {
            let signed = "\(Base64.encodeURL(Array(header.utf8))).\(Base64.encodeURL(Array(claims.utf8)))"
            return "\(signed).\(Base64.encodeURL(HMAC.sha256(Array(signed.utf8), key: Array(key.utf8))))"
        }
        let hash = Hex.encode(Digest.sha256(Self.body))
        func claims(_ url: String, iat: String = ReceiptVerifierTests.stamp) -> String {
            #"{"iat":\#(iat),"payload_hash":"\#(hash)","url_hash":"\#(Hex.encode(Digest.sha256(url)))"}"#
        }
        func code(_ token: String) -> ReceiptRefusal.Code? {
            Self.code(gate, ReceiptRequest(query: "a=1", headers: ["x-token": token], body: Self.body))
        }
        let url = "https://hooks.example/r?a=1"
        #expect(code(token(claims(url))) == nil)
        #expect(code(token(claims(url), header: #"{"alg":"none"}"#)) == .signature)
        #expect(code(token(claims(url), key: "other")) == .signature)
        #expect(code(token(claims("https://evil.example/r?a=1"))) == .signature)
        #expect(code(token(claims(url, iat: "1772350000"))) == .timestamp)
        #expect(code(token(#"{"iat":\#(Self.stamp)}"#)) == .signature)
        #expect(code("a.b") == .signature)
    }

    @Test func `a user with a password, or a secret token, stands for a signature`() throws {
        let basic = try Self.gate("{type: basic, user: hook, password: \"${secret.key}\"}")
        #expect(basic.readsAuthorization)
        func code(_ gate: ReceiptGate, query: String = "", _ headers: [String: String]) -> ReceiptRefusal.Code? {
            Self.code(gate, ReceiptRequest(query: query, headers: headers, body: Self.body))
        }
        #expect(code(basic, ["authorization": "Basic aG9vazprM3k="]) == nil)
        #expect(code(basic, ["authorization": "Basic aG9vazprM3o="]) == .signature)
        #expect(code(basic, [:]) == .signature)
        let token = try Self.gate("{type: token, at: query:token, value: \"${secret.key}\"}")
        #expect(!token.readsAuthorization)
        #expect(code(token, query: "sobre_id=1&token=k3y", [:]) == nil)
        #expect(code(token, query: "token=k3", [:]) == .signature)
        #expect(code(token, [:]) == .signature)
        #expect(
            code(try Self.gate("{type: token, at: query:token, value: \"${secret.key}\"}", key: nil), [:]) == .noSecret)
    }

    /// The signatures were computed by Plivo's own library.
    @Test(arguments: [
        (
            "sobre_id=01jd3v8k6m1r0", "MessageUUID=u-1&Status=delivered&To=15005550009&ErrorCode=000",
            "8Ur+tEq5MC2pHzBGpYOTQQoWfNsJSjBuaWAsBR7x2B8="
        ),
        ("", "Status=sent&MessageUUID=u-1", "n+X2Xm27rhp+t1atGn+cRgCzqfS5M6jEJrjtJhxLTM8="),
        ("b=2&a=1", "", "ZJOBGFJA3DKNekvlA2XsNAn0f4yci+d8Q1Zb7J3Cue0="),
    ])
    func `Plivo's signature is verified`(query: String, form: String, signature: String) throws {
        let gate = try Self.gate(
            "{type: plivo, token: \"${secret.key}\"}", settings: ["callback_url": "https://hooks.example/r/plivo"],
            key: "token")
        func code(_ signature: String, nonce: String = "n0nce", form: String) -> ReceiptRefusal.Code? {
            Self.code(
                gate,
                ReceiptRequest(
                    query: query,
                    headers: ["x-plivo-signature-v3": signature, "x-plivo-signature-v3-nonce": nonce],
                    body: Array(form.utf8)))
        }
        #expect(code(signature, form: form) == nil)
        #expect(code("x,\(signature)", form: form) == nil)
        #expect(code(signature, nonce: "other", form: form) == .signature)
        #expect(code(signature, form: form + "&x=1") == .signature)
        #expect(code("", form: form) == .signature)
    }

    @Test func `without a secret or a URL nothing can be verified`() throws {
        let unset = try Self.gate(
            "{type: hmac, key: \"${secret.key}\", signature: header:s, signed: \"${body}\"}", key: nil)
        #expect(Self.code(unset, ReceiptRequest(headers: [:], body: [])) == .noSecret)
        let plivo = try Self.gate("{type: plivo, token: \"${secret.key}\"}", settings: [:])
        #expect(Self.code(plivo, ReceiptRequest(headers: [:], body: [])) == .noSecret)
        #expect(throws: ProviderError.self) {
            try Self.gate(
                "{type: ed25519, key: \"${secret.key}\", signature: header:s, signed: \"${body}\"}", key: "AA==")
        }
        #expect(throws: ProviderError.self) {
            try Self.gate("{type: ecdsa_p256, key: \"${secret.key}\", signature: header:s, signed: \"${body}\"}")
        }
    }
}

extension String {
    /// Another character of the same alphabet at a place.
    fileprivate func replacingCharacter(at index: Index) -> String {
        let other: Character = self[index] == "1" ? "2" : "1"
        return String(self[..<index]) + String(other) + String(self[self.index(after: index)...])
    }
}
