internal import SobreModel

/// How a provider tells what became of its messages: the `receipts:` of a manifest.
struct ReceiptPlan: Sendable {
    /// How it proves that a receipt is its own.
    enum Proof: Sendable {
        /// Standard Webhooks (https://www.standardwebhooks.com), with the instance's `receipts.secret`.
        case standardWebhooks
        /// HMAC-SHA1 over the URL and the sorted form fields, with the account's token
        /// (https://www.twilio.com/docs/usage/security#validating-requests).
        case twilio(token: Template)
    }

    /// Where a value stands in a receipt.
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
        /// What the provider's words mean; nil: they tell nothing that is kept.
        var kinds: [String: Receipt.Kind?]
    }

    var proof: Proof
    /// Nil: receipts come in Sobre's own form.
    var form: Form?
}
