import Foundation
import JSON
import Signing
import SobreModel
import SobreSettings
import Text

@testable import SobreProviders

/// Signs receipts as each vendor documents it, for the table over all manifests. Written from the vendors' documentation,
/// apart from the verifiers.
struct SignedReceipts: Sendable {
    /// What a signature vouches for.
    enum Cover: Sendable {
        /// Every byte of the body.
        case body
        /// Every byte of the query, because the receipt has no body.
        case query
        /// A secret that is sent along, and nothing of the receipt.
        case credential
        /// A time and a token that come with one body.
        case token
    }

    var cover: Cover
    /// How old a signature may be; nil: the vendor signs no time.
    var maxAge: Duration?
    var secrets: [String: String]
    var settings: [String: String] = [:]
    var sign: @Sendable (ReceiptRequest) throws -> ReceiptRequest

    static let now = Instant(rfc3339: "2026-03-01T09:08:08Z")!
    static let stamp = "1772356088"
    static let url = "https://hooks.example/r"
    static let topic = "arn:aws:sns:eu-west-1:123456789012:receipts"
    static let rsa = try! TestKeys.rsa()
    static let p256 = try! TestKeys.p256()
    static let ed25519 = try! TestKeys.ed25519()
    static let certificate = try! rsa.certificate()

    /// By the name of the manifest.
    static let all: [String: SignedReceipts] = [
        "46elks": token, "azure-email": token, "azure-sms": token, "brevo": token, "clickatell": token,
        "clicksend": token, "mailjet": token, "vonage-sms": token,
        "infobip": basic, "postmark": basic, "sparkpost": basic,
        "mailersend": hmac("webhook_secret", "signature"), "mailtrap": hmac("webhook_secret", "mailtrap-signature"),
        "whatsapp-cloud": hmac("app_secret", "x-hub-signature-256", prefix: "sha256="),
        "mailgun": mailgun, "sendgrid": sendgrid, "sinch": sinch, "telnyx": telnyx, "postal": postal,
        "resend": resend, "twilio": twilio, "twilio-whatsapp": twilio, "plivo": plivo,
        "messagebird": jwt(key: "signing_key", header: "messagebird-signature-jwt", hasURL: true),
        "vonage-messages": jwt(key: "signature_secret", header: "authorization", prefix: "Bearer "),
        "aws-sms": sns, "ses-v2": sns,
    ]

    private static func with(
        _ request: ReceiptRequest, _ headers: [String: String]
    ) -> ReceiptRequest {
        var request = request
        request.headers.merge(headers) { $1 }
        return request
    }

    private static let token = SignedReceipts(cover: .credential, secrets: ["webhook_token": "t0ken"]) { request in
        var request = request
        let rest = request.query.split(separator: "&").filter { !$0.hasPrefix("token=") }
        request.query = (rest + ["token=t0ken"]).joined(separator: "&")
        return request
    }

    private static let basic = SignedReceipts(
        cover: .credential, secrets: ["webhook_user": "hook", "webhook_password": "p4ss"]
    ) { with($0, ["authorization": "Basic \(Base64.encode(Array("hook:p4ss".utf8)))"]) }

    private static func hmac(_ secret: String, _ header: String, prefix: String = "") -> SignedReceipts {
        SignedReceipts(cover: .body, secrets: [secret: "k3y"]) { request in
            let code = HMAC.sha256(request.body, key: Array("k3y".utf8))
            return with(request, [header: prefix + Hex.encode(code)])
        }
    }

    /// https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
    private static let mailgun = SignedReceipts(
        cover: .token, maxAge: .seconds(300), secrets: ["webhook_key": "k3y"]
    ) { request in
        var request = request
        let event = try JSONDocument.parse(request.body).root["event-data"]?.rawBytes ?? []
        let code = Hex.encode(HMAC.sha256(Array("\(stamp)t0ken".utf8), key: Array("k3y".utf8)))
        let start = #"{"signature":{"timestamp":"\#(stamp)","token":"t0ken","signature":"\#(code)"},"event-data":"#
        request.body = Array(start.utf8) + Array(event) + [UInt8(ascii: "}")]
        return request
    }

    /// The base64 inside a PEM.
    private static func inside(_ pem: String) -> String {
        pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
    }

    /// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features
    private static let sendgrid = SignedReceipts(
        cover: .body, maxAge: .seconds(600), secrets: ["webhook_key": inside(p256.publicPEM)]
    ) { request in
        let raw = try PrivateKey(pem: p256.privatePEM).sign(Array(stamp.utf8) + request.body, with: .es256)
        return with(
            request,
            [
                "x-twilio-email-event-webhook-timestamp": stamp,
                "x-twilio-email-event-webhook-signature": Base64.encode(ECDSASignature.der(raw: raw) ?? []),
            ])
    }

    /// https://developers.sinch.com/docs/sms/api-reference/sms/webhooks
    private static let sinch = SignedReceipts(
        cover: .body, maxAge: .seconds(300), secrets: ["webhook_secret": "k3y"]
    ) { request in
        let code = HMAC.sha256(request.body + Array(".n0nce.\(stamp)".utf8), key: Array("k3y".utf8))
        return with(
            request,
            [
                "x-sinch-webhook-signature": Base64.encode(code), "x-sinch-webhook-signature-nonce": "n0nce",
                "x-sinch-webhook-signature-timestamp": stamp,
            ])
    }

    /// https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks
    private static let telnyx = SignedReceipts(
        cover: .body, maxAge: .seconds(300),
        // The last 32 bytes of the DER are the key itself.
        secrets: ["webhook_key": Base64.encode(Array(try! Base64.decode(inside(ed25519.publicPEM)).suffix(32)))]
    ) { request in
        let code = try PrivateKey(pem: ed25519.privatePEM).sign(Array("\(stamp)|".utf8) + request.body, with: .eddsa)
        return with(request, ["telnyx-timestamp": stamp, "telnyx-signature-ed25519": Base64.encode(code)])
    }

    /// https://docs.postalserver.io/developer/webhooks
    private static let postal = SignedReceipts(
        cover: .body, secrets: ["webhook_key": inside(rsa.publicPEM)]
    ) { request in
        let code = try rsa.signSHA1(String(decoding: request.body, as: UTF8.self))
        return with(request, ["x-postal-signature": Base64.encode(code)])
    }

    /// https://docs.svix.com/receiving/verifying-payloads/how-manual
    private static let resend = SignedReceipts(
        cover: .body, maxAge: .seconds(300), secrets: ["webhook_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    ) { request in
        let key = try Base64.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        let id = request.headers["svix-id"] ?? "msg_1"
        let code = HMAC.sha256(Array("\(id).\(stamp).".utf8) + request.body, key: key)
        return with(
            request, ["svix-id": id, "svix-timestamp": stamp, "svix-signature": "v1,\(Base64.encode(code))"])
    }

    private static func full(_ request: ReceiptRequest) -> String {
        request.query.isEmpty ? url : "\(url)?\(request.query)"
    }

    /// Names and values of a form, decoded.
    private static func fields(_ text: String) -> [(String, String)] {
        text.split(separator: "&").map { part in
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let words = pair.map { $0.replacing("+", with: " ").removingPercentEncoding ?? String($0) }
            return (words[0], words.count > 1 ? words[1] : "")
        }
        .sorted { $0 < $1 }
    }

    /// https://www.twilio.com/docs/usage/security#validating-requests
    private static let twilio = SignedReceipts(
        cover: .body, secrets: ["account_sid": "AC1", "auth_token": "k3y"]
    ) { request in
        let form = fields(String(decoding: request.body, as: UTF8.self)).map { $0 + $1 }.joined()
        let code = HMAC.sha1(Array((full(request) + form).utf8), key: Array("k3y".utf8))
        return with(request, ["x-twilio-signature": Base64.encode(code)])
    }

    /// https://www.plivo.com/docs/messaging/concepts/signature-validation
    private static let plivo = SignedReceipts(
        cover: .body, secrets: ["auth_id": "MA1", "auth_token": "k3y"]
    ) { request in
        let query = fields(request.query).map { "\($0)=\($1)" }.joined(separator: "&")
        let form = fields(String(decoding: request.body, as: UTF8.self)).map { $0 + $1 }.joined()
        let text = "\(url)?\(query)\(query.isEmpty || form.isEmpty ? "" : ".")\(form).n0nce"
        let code = HMAC.sha256(Array(text.utf8), key: Array("k3y".utf8))
        return with(
            request, ["x-plivo-signature-v3": Base64.encode(code), "x-plivo-signature-v3-nonce": "n0nce"])
    }

    /// https://developers.messagebird.com/api/#verifying-http-requests,
    /// https://developer.vonage.com/en/getting-started/concepts/webhooks#decoding-signed-webhooks
    private static func jwt(
        key: String, header: String, prefix: String = "", hasURL: Bool = false
    ) -> SignedReceipts {
        SignedReceipts(cover: hasURL ? .query : .body, maxAge: .seconds(300), secrets: [key: "k3y"]) { request in
            var claims = #"{"iat":\#(stamp)"#
            if !request.body.isEmpty { claims += #","payload_hash":"\#(Hex.encode(Digest.sha256(request.body)))""# }
            if hasURL { claims += #","url_hash":"\#(Hex.encode(Digest.sha256(full(request))))""# }
            let text = [#"{"alg":"HS256"}"#, claims + "}"].map { Base64.encodeURL(Array($0.utf8)) }
                .joined(separator: ".")
            let code = Base64.encodeURL(HMAC.sha256(Array(text.utf8), key: Array("k3y".utf8)))
            return with(request, [header: "\(prefix)\(text).\(code)"])
        }
    }

    /// https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
    private static let sns = SignedReceipts(
        cover: .body, maxAge: .seconds(86_400), secrets: ["access_key": "AKIA", "secret_key": "k3y"],
        settings: ["region": "eu-west-1", "topics": topic]
    ) { request in
        let message = try JSONDocument.parse(request.body).root["Message"]?.string ?? ""
        let fields = [
            ("Message", message), ("MessageId", "id-1"), ("Timestamp", "2026-03-01T09:08:08.000Z"), ("TopicArn", topic),
            ("Type", "Notification"),
        ]
        let text = fields.map { "\($0)\n\($1)\n" }.joined()
        let code = try PrivateKey(pem: rsa.privatePEM).sign(Array(text.utf8), with: .rs256)
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in fields {
                writer.key(name)
                writer.value(value)
            }
            writer.member("SignatureVersion", ifPresent: "2")
            writer.member("Signature", ifPresent: Base64.encode(code))
            writer.member("SigningCertURL", ifPresent: "https://sns.eu-west-1.amazonaws.com/a.pem")
        }
        var request = request
        request.body = writer.take()
        return request
    }
}
