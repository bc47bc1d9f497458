import JSON
import Signing
import SobreDelivery
import SobreModel
import Testing
import Text

@testable import SobreProviders

@Suite("Receipts through Amazon SNS")
struct SNSReceiptTests {
    private static let keys = try! TestKeys.rsa()
    private static let certificate = try! keys.certificate()
    private static let now = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    private static let topic = "arn:aws:sns:eu-west-1:123456789012:ses"
    private static let pem = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"

    private static func gate(_ transport: FakeTransport) throws -> ReceiptGate {
        try ReceiptVerifierTests.gate(
            "{type: sns, topics: \"${cfg.topic}\"}", settings: ["topic": "arn:other, \(topic)"], transport: transport)
    }

    /// A message as SNS signs it with version 2, which is SHA-256.
    private static func message(
        type: String = "Notification", topic: String = topic, pem: String = pem, subject: String? = nil,
        extra: [(String, String)] = [], changed: (String, String)? = nil
    ) throws -> [UInt8] {
        var fields = [
            ("Message", #"{"id":"m1","event":"delivered"}"#), ("MessageId", "id-1"),
            ("Timestamp", "2026-03-01T09:08:00.000Z"), ("TopicArn", topic), ("Type", type),
        ]
        fields += extra
        if let subject { fields.append(("Subject", subject)) }
        let text = fields.sorted { $0.0 < $1.0 }.map { "\($0.0)\n\($0.1)\n" }.joined()
        let signature = try PrivateKey(pem: keys.privatePEM).sign(Array(text.utf8), with: .rs256)
        fields += [
            ("SignatureVersion", "2"), ("Signature", Base64.encode(signature)), ("SigningCertURL", pem),
        ]
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in fields {
            writer.key(name)
            writer.value(changed?.0 == name ? changed!.1 : value)
        }
        writer.endObject()
        return writer.take()
    }

    private static func transport() -> FakeTransport {
        FakeTransport { _ in .response(status: 200, headers: [], body: Array(certificate.utf8)) }
    }

    private static func code(_ gate: ReceiptGate, _ body: [UInt8], at time: Instant = now) -> ReceiptRefusal.Code? {
        ReceiptVerifierTests.code(gate, ReceiptRequest(headers: [:], body: body), at: time)
    }

    @Test func `a signed message passes, and its certificate is fetched once`() throws {
        let transport = Self.transport()
        let gate = try Self.gate(transport)
        for subject in [nil, "Hello"] {
            #expect(Self.code(gate, try Self.message(subject: subject)) == nil)
        }
        #expect(transport.calls.map(\.url) == [Self.pem])
    }

    @Test func `while its certificate is fetched a message is to be sent again`() throws {
        let transport = FakeTransport { _ in nil }
        let gate = try Self.gate(transport)
        let message = try Self.message()
        for _ in 0..<2 { #expect(Self.code(gate, message) == .unavailable) }
        #expect(transport.calls.count == 1)
        transport.release { _ in .response(status: 200, headers: [], body: Array(Self.certificate.utf8)) }
        #expect(Self.code(gate, message) == nil)
        // A failed fetch is repeated with the next message.
        let failing = FakeTransport { _ in .json(500, "") }
        let other = try Self.gate(failing)
        for _ in 0..<2 { #expect(Self.code(other, message) == .unavailable) }
        #expect(failing.calls.count == 2)
    }

    @Test func `a changed message, another topic and an old time are rejected`() throws {
        let gate = try Self.gate(Self.transport())
        #expect(Self.code(gate, try Self.message(changed: ("Message", "{}"))) == .signature)
        #expect(Self.code(gate, try Self.message(changed: ("MessageId", "id-2"))) == .signature)
        #expect(Self.code(gate, try Self.message(changed: ("SignatureVersion", "1"))) == .signature)
        #expect(Self.code(gate, try Self.message(topic: "arn:evil")) == .signature)
        #expect(Self.code(gate, try Self.message(), at: Self.now + .seconds(90_000)) == .timestamp)
        #expect(Self.code(gate, Array("{}".utf8)) == .signature)
    }

    @Test(arguments: [
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "http://sns.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com/a.txt",
        "https://s3.eu-west-1.amazonaws.com/a.pem", "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://sns..amazonaws.com/a.pem", "https://sns.a.b.amazonaws.com/a.pem",
    ])
    func `a certificate of another host is never fetched`(pem: String) throws {
        let transport = Self.transport()
        #expect(Self.code(try Self.gate(transport), try Self.message(pem: pem)) == .signature)
        #expect(transport.calls.isEmpty)
    }

    @Test func `a certificate that has expired is not used`() throws {
        let expired = try Self.keys.expiredCertificate()
        #expect(throws: KeyError.self) { try PublicKey(certificate: expired) }
        let transport = FakeTransport { _ in .response(status: 200, headers: [], body: Array(expired.utf8)) }
        #expect(Self.code(try Self.gate(transport), try Self.message()) == .unavailable)
    }

    @Test func `a signature of version 1 is SHA-1 with RSA`() throws {
        let key = try PublicKey(certificate: Self.certificate)
        // Computed by openssl dgst -sha1 -sign.
        let signature = try Self.keys.signSHA1("hello")
        #expect(key.verifySHA1(signature, of: Array("hello".utf8)))
        #expect(!key.verifySHA1(signature, of: Array("hellp".utf8)))
        #expect(!key.verify(signature, of: Array("hello".utf8), with: .rs256))
    }

    @Test func `a subscription is confirmed once it is verified`() throws {
        let transport = Self.transport()
        let gate = try Self.gate(transport)
        let subscribe = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
        let body = try Self.message(
            type: "SubscriptionConfirmation", extra: [("SubscribeURL", subscribe), ("Token", "t")])
        let request = ReceiptRequest(headers: [:], body: body)
        #expect(ReceiptVerifierTests.code(gate, request) == nil)
        #expect(transport.calls.count == 1)
        // The gate of the test reads JSON; confirming belongs to the messages of SNS.
        let sns = ReceiptGate(
            instance: "t", verifier: gate.verifier, hasOwnSecret: false, url: nil, format: ReceiptFormat(sns: ()))
        #expect(try sns.read(request, isSigned: true, now: Self.now).receipts.isEmpty)
        #expect(transport.calls.map(\.url) == [Self.pem, subscribe] && transport.calls[1].method == "GET")
        let message = try sns.read(
            ReceiptRequest(headers: [:], body: try Self.message()), isSigned: true, now: Self.now)
        #expect(message.receipts.map(\.kind) == [.delivered] && message.receipts[0].providerID == "m1")
    }
}

extension ReceiptFormat {
    fileprivate init(sns: Void) {
        self.init(
            decode: .sns, events: [], reference: [], providerID: [.json(try! JSONPath("id"))], eventID: [],
            status: [.json(try! JSONPath("event"))], detail: [], code: [], diagnostic: [], time: [],
            kinds: ["delivered": .delivered], errors: [:])
    }
}
