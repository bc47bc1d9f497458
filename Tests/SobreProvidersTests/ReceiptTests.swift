import Signing
import SobreModel
import SobreSettings
import Testing
import Text
import YAMLDocument

@testable import SobreProviders

@Suite("Providers' receipts") struct ReceiptTests {
    private let now = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    private func gate(_ yaml: String, environment: [String: String] = [:]) throws -> ReceiptGate {
        let instance = try ProviderInstance.parseAll(YAMLDocument.parse(text: yaml, file: "p.yaml").root)[0]
        return try factory(environment: environment).receiptGate(instance)
    }

    private func hook() throws -> ReceiptGate {
        try gate(
            "hook: {type: webhook, channel: sms, settings: {url: \"https://h.example/\"}, receipts: {secret: env:S}}",
            environment: ["S": secret])
    }

    private func twilio() throws -> ReceiptGate {
        try gate(
            """
            twilio:
              settings: {from: "+12025550100", callback_url: "https://mycompany.com/myapp.php"}
              secrets: {account_sid: env:SID, auth_token: env:TOKEN}
            """, environment: ["SID": "AC1", "TOKEN": "12345"])
    }

    private func refusal(_ body: () throws -> Void) -> ReceiptRefusal.Code? {
        do {
            try body()
            return nil
        } catch { return (error as? ReceiptRefusal)?.code }
    }

    // The example of the specification's own documentation.
    private let body = Array(#"{"test": 2432232314}"#.utf8)
    private let signed = [
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    ]
    private let signedAt = Instant(milliseconds: 1_614_265_330_000)

    @Test func `the reference signature of Standard Webhooks passes, among others too`() throws {
        let gate = try hook()
        try gate.verify(ReceiptRequest(headers: signed, body: body), now: signedAt + .seconds(299))
        var several = signed
        several["webhook-signature"] = "v1,Zm9v v2,x \(signed["webhook-signature"]!)"
        try gate.verify(ReceiptRequest(headers: several, body: body), now: signedAt - .seconds(299))
    }

    @Test func `a changed body, id, time or signature is rejected, and so is an old one`() throws {
        let gate = try hook()
        func code(_ change: (inout ReceiptRequest) -> Void, at time: Instant? = nil) -> ReceiptRefusal.Code? {
            var request = ReceiptRequest(headers: signed, body: body)
            change(&request)
            return refusal { try gate.verify(request, now: time ?? signedAt) }
        }
        #expect(code { _ in } == nil)
        #expect(code { $0.body[10] ^= 1 } == .signature)
        #expect(code { $0.headers["webhook-id"] = "msg_other" } == .signature)
        #expect(code { $0.headers["webhook-timestamp"] = "1614265331" } == .signature)
        #expect(code { $0.headers["webhook-signature"] = "v1," } == .signature)
        #expect(code { $0.headers["webhook-signature"] = nil } == .signature)
        #expect(code({ _ in }, at: signedAt + .seconds(301)) == .timestamp)
        #expect(code({ _ in }, at: signedAt - .seconds(301)) == .timestamp)
    }

    @Test func `without a secret nothing can be verified, and an invalid one is a set-up error`() throws {
        let gate = try gate("mail: {type: smtp, settings: {host: h}}")
        #expect(refusal { try gate.verify(ReceiptRequest(headers: signed, body: body), now: signedAt) } == .noSecret)
        #expect(throws: ProviderError.self) {
            try self.gate("mail: {type: smtp, settings: {host: h}, receipts: {secret: env:S}}", environment: ["S": "?"])
        }
        #expect(throws: YAMLError.self) { try self.gate("mail: {type: smtp, receipts: {secret: hunter2}}") }
    }

    @Test func `the example of Twilio's documentation is verified`() throws {
        // https://www.twilio.com/docs/usage/security: CallSid, Caller, Digits, From, To for ?foo=1&bar=2
        let gate = try twilio()
        let form = "CallSid=CA1234567890ABCDE&Caller=%2B12349013030&Digits=1234&From=%2B12349013030&To=%2B18005551212"
        func code(_ signature: String, query: String = "foo=1&bar=2", body: String? = nil) -> ReceiptRefusal.Code? {
            let request = ReceiptRequest(
                query: query, headers: ["x-twilio-signature": signature], body: Array((body ?? form).utf8))
            return refusal { try gate.verify(request, now: now) }
        }
        // Computed with OpenSSL: HMAC-SHA1 with 12345 over the URL and the sorted fields.
        let text =
            "https://mycompany.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+12349013030Digits1234"
            + "From+12349013030To+18005551212"
        let expected = Base64.encode(HMACKey(Array("12345".utf8), hash: .sha1).authenticate(text))
        #expect(expected == "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")
        #expect(code(expected) == nil)
        #expect(code(expected, query: "foo=1&bar=3") == .signature)
        #expect(code(expected, body: form + "&x=1") == .signature)
        #expect(code("") == .signature)
    }

    @Test(arguments: [
        (
            "https://hooks.example:8443/r/twilio",
            ["https://hooks.example:8443/r/twilio", "https://hooks.example/r/twilio"]
        ),
        ("https://hooks.example/r", ["https://hooks.example/r", "https://hooks.example:443/r"]),
        ("https://hooks.example:443/r", ["https://hooks.example/r", "https://hooks.example:443/r"]),
        ("http://127.0.0.1:8480/r", ["http://127.0.0.1:8480/r", "http://127.0.0.1/r", "http://127.0.0.1:80/r"]),
        ("https://[2001:db8::7]:8443/r", ["https://[2001:db8::7]:8443/r", "https://[2001:db8::7]/r"]),
        ("https://hooks.example:8443", ["https://hooks.example:8443", "https://hooks.example"]),
    ])
    func `Twilio signs a URL with its port or without it`(url: String, signed: [String]) throws {
        let key = HMACKey(Array("12345".utf8), hash: .sha1)
        func isTaken(_ url: String, as signedURL: String) -> Bool {
            let body = Array("MessageSid=SM1&MessageStatus=sent".utf8)
            let text = signedURL + "?sobre_id=01jd3v8k6m1r0" + "MessageSidSM1MessageStatussent"
            let request = ReceiptRequest(
                query: "sobre_id=01jd3v8k6m1r0",
                headers: ["x-twilio-signature": Base64.encode(key.authenticate(text))], body: body)
            return refusal { try TwilioSignature.verify(request, key: key, url: url) } == nil
        }
        for form in signed { #expect(isTaken(url, as: form), "\(form)") }
        for foreign in [
            "https://hooks.example:9000/r/twilio", "https://other.example/r/twilio", "https://hooks.example/x",
        ] {
            #expect(!isTaken(url, as: foreign), "\(foreign)")
        }
    }

    @Test func `an inbound message is verified by the address of the callback, or by the public one`() throws {
        let key = HMACKey(Array("12345".utf8), hash: .sha1)
        func code(_ gate: ReceiptGate, _ signedURL: String, publicURL: String = "https://sobre.example")
            -> ReceiptRefusal.Code?
        {
            let text = signedURL + "BodySTOPFrom+12025550105"
            let request = ReceiptRequest(
                headers: ["x-twilio-signature": Base64.encode(key.authenticate(text))],
                body: Array("From=%2B12025550105&Body=STOP".utf8))
            return refusal {
                try gate.verifyInbound(request, path: "/v1/inbound/sms", publicURL: publicURL, now: now)
            }
        }
        let gate = try twilio()
        #expect(code(gate, "https://mycompany.com/v1/inbound/sms") == nil)
        #expect(code(gate, "https://sobre.example/v1/inbound/sms") == nil)
        #expect(code(gate, "https://sobre.example:443/v1/inbound/sms") == nil)
        #expect(code(gate, "https://evil.example/v1/inbound/sms") == .signature)
        #expect(code(gate, "https://mycompany.com/v1/receipts/twilio") == .signature)
        let bare = try self.gate(
            """
            twilio:
              settings: {from: "+12025550100"}
              secrets: {account_sid: env:SID, auth_token: env:TOKEN}
            """, environment: ["SID": "AC1", "TOKEN": "12345"])
        #expect(code(bare, "https://sobre.example/v1/inbound/sms", publicURL: "https://sobre.example:8443") == nil)
        #expect(refusal { try bare.verify(ReceiptRequest(headers: [:], body: []), now: now) } == .noSecret)
    }

    @Test(arguments: [
        ("MessageStatus=delivered", Receipt.Kind.delivered), ("MessageStatus=sent", .sent),
        ("MessageStatus=undelivered&ErrorCode=30003", .bouncedSoft),
        ("MessageStatus=undelivered&ErrorCode=30005", .bouncedHard), ("MessageStatus=failed&ErrorCode=30008", .failed),
        ("MessageStatus=read", .opened), ("MessageStatus=queued", nil),
    ])
    func `a status callback of Twilio becomes a receipt with our reference and its own id`(
        fields: String, kind: Receipt.Kind?
    ) throws {
        let request = ReceiptRequest(
            query: "sobre_id=01jd3v8k6m1r0", headers: [:], body: Array("MessageSid=SM1&\(fields)".utf8))
        let receipts = try twilio().read(request, isSigned: true, now: now).receipts
        #expect(receipts.first?.kind == kind)
        guard let receipt = receipts.first else { return }
        #expect(receipt.delivery == DeliveryID("01jd3v8k6m1r0") && receipt.providerID == "SM1")
        #expect(receipt.provider == "twilio" && receipt.isSigned)
        // The same status again is the same event, whenever it arrives.
        let again = try twilio().read(request, isSigned: true, now: now + .seconds(60))
        #expect(again.receipts.first?.eventID == receipt.eventID)
    }

    @Test(arguments: ["", "MessageSid=SM1", "MessageSid=SM1&MessageStatus=dreaming", "MessageStatus=sent"])
    func `an unreadable callback is rejected`(body: String) throws {
        let gate = try twilio()
        let code = refusal {
            _ = try gate.read(ReceiptRequest(headers: [:], body: Array(body.utf8)), isSigned: true, now: now)
        }
        #expect(code == .malformed)
    }

    @Test(arguments: [
        ("receipts: {verify: {type: magic}, decode: sobre}", "magic"),
        ("receipts: {verify: {type: twilio}, decode: sobre}", "token"),
        (
            "receipts: {verify: {type: hmac, key: k, signature: header:S, signed: \"${bdy}\"}, decode: sobre}",
            "not a place in a receipt"
        ),
        (
            "receipts: {verify: {type: standard_webhooks}, decode: form, event: {id: json:a, status: form:S}, status: {a: sent}}",
            "a form has no JSON"
        ),
        ("receipts: {verify: {type: standard_webhooks}, decode: sobre, status: {a: sent}}", "no effect"),
        ("receipts: {verify: {type: standard_webhooks}, decode: jsn, status: {a: sent}}", "json"),
        (
            "receipts: {verify: {type: standard_webhooks}, decode: form, event: {status: form:S}, status: {a: sent}}",
            "identify their message"
        ),
        (
            "receipts: {verify: {type: standard_webhooks}, decode: form, event: {id: form:I, status: S}, status: {a: sent}}",
            "not a place in a receipt"
        ),
        (
            "receipts: {verify: {type: standard_webhooks}, decode: form, event: {id: form:I, status: form:S}, status: {a: gone}}",
            "gone"
        ),
    ])
    func `an error in a manifest's receipts has a position`(yaml: String, words: String) {
        let manifest = """
            manifest: 1
            name: x
            channel: sms
            endpoint: https://x.example
            request: {body: {to: "${msg.to}"}}
            response: {rules: [{when: {status: 200}, outcome: accepted, id: none}]}
            \(yaml)
            """
        let error = #expect(throws: YAMLError.self) { try Manifest.parseAll(text: manifest, file: "x.yaml") }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
