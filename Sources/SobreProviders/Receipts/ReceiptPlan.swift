internal import SobreModel

/// How a provider sends receipts: the `receipts:` of a manifest.
struct ReceiptPlan: Sendable {
    /// How a receipt is authenticated.
    enum Proof: Sendable {
        /// Standard Webhooks (https://www.standardwebhooks.com); without a secret of the manifest's, with the
        /// instance's `receipts.secret`.
        case standardWebhooks(secret: Template?, StandardWebhooksVerifier.Headers)
        case basic(user: Template, password: Template)
        case token(ReceiptPlace, value: Template)
        case signed(Signed)
        case jwt(JWT)
        case sns(topics: Template)
        /// HMAC-SHA1 over the URL and the sorted form fields, with the account's token
        /// (https://www.twilio.com/docs/usage/security#validating-requests).
        case twilio(token: Template)
        case plivo(token: Template)
    }

    /// A signature over parts of the request.
    struct Signed: Sendable {
        enum Algorithm: Sendable {
            case hmac(HMACKind)
            case p256
            case ed25519
            case rsaSHA1
        }

        enum HMACKind: String, CaseIterable, Sendable {
            case sha256
            case sha1
        }

        var algorithm: Algorithm
        var key: Template
        var signature: ReceiptPlace
        var prefix: String
        var encoding: SignedReceiptVerifier.Encoding
        var signed: ReceiptText
        var timestamp: ReceiptPlace?
        var maxAge: Duration
        /// A value that comes with one body only, for a signature that does not cover the body.
        var once: ReceiptPlace?
    }

    /// A JSON Web Token that covers the body by its hash.
    struct JWT: Sendable {
        var key: Template
        var token: ReceiptPlace
        var payloadClaim: String
        var urlClaim: String?
        var maxAge: Duration
    }

    /// The request with which a provider tries out the webhook's URL.
    enum Handshake: Sendable {
        /// By GET, with `hub.challenge` and a token that the operator entered (WebSub §5.3, as Meta uses it).
        case hub(token: Template)
        /// An event with a code that the answer repeats (Azure Event Grid).
        case eventGrid
    }

    var proof: Proof
    /// Nil if the provider begins without one.
    var handshake: Handshake?
    /// Nil if receipts come in Sobre's own format.
    var format: ReceiptFormat?
}
