internal import Signing
internal import SobreModel

/// Standard Webhooks, and Svix, which has the same signature in headers of its own.
struct StandardWebhooksVerifier: ReceiptVerifier {
    /// The beginning of the headers' names.
    enum Headers: String, Sendable {
        case standard = "webhook-"
        case svix = "svix-"
    }

    let key: HMACKey
    let headers: Headers

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        try StandardWebhooks.verify(receipt.request, key: key, headers: headers, now: now)
    }
}
