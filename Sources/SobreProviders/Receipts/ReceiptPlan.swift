internal import SobreModel

/// How a provider sends receipts: the `receipts:` of a manifest.
struct ReceiptPlan: Sendable {
    /// How a receipt is authenticated.
    enum Proof: Sendable {
        /// Standard Webhooks (https://www.standardwebhooks.com), with the instance's `receipts.secret`.
        case standardWebhooks
        /// HMAC-SHA1 over the URL and the sorted form fields, with the account's token
        /// (https://www.twilio.com/docs/usage/security#validating-requests).
        case twilio(token: Template)
    }

    /// The position of a value in a receipt.
    enum Place: Sendable, Hashable {
        case form(String)
        case query(String)
    }

    /// The fields of a form-encoded receipt.
    struct Form: Sendable {
        var reference: Place?
        var providerID: Place?
        var eventID: Place?
        var status: Place
        var detail: Place?
        /// The meanings of the provider's statuses; nil means that a status is ignored.
        var kinds: [String: Receipt.Kind?]
    }

    var proof: Proof
    /// Nil if receipts come in Sobre's own format.
    var form: Form?
}
