internal import Signing
internal import SobreModel

/// Twilio's signature over the instance's `callback_url`.
struct TwilioVerifier: ReceiptVerifier {
    let key: HMACKey

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard let url = receipt.url else { throw ReceiptGate.noURL }
        try TwilioSignature.verify(receipt.request, key: key, url: url)
    }
}
