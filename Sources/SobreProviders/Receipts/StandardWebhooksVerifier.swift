internal import Signing
internal import SobreModel
internal import Text

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
        let request = receipt.request
        let prefix = headers.rawValue
        guard let id = request.headers["\(prefix)id"], let timestamp = request.headers["\(prefix)timestamp"],
            let signatures = request.headers["\(prefix)signature"]
        else {
            throw refused(
                "The receipt is not signed: send \(prefix)id, \(prefix)timestamp and \(prefix)signature (Standard "
                    + "Webhooks), or an API key with the scope receipts.")
        }
        let expected = StandardWebhooks.code(id: id, timestamp: timestamp, body: request.body, key: key)
        var isOurs = false
        // Every signature is compared, so that timing reveals nothing. Headers are bounded, and so is the number of
        // signatures.
        for part in signatures.split(separator: " ") where part.hasPrefix("v1,") {
            if let given = try? Base64.decode(String(part.dropFirst(3))), constantTimeEquals(given, expected) {
                isOurs = true
            }
        }
        guard isOurs else { throw refused("No signature of the receipt matches: the sender uses a different secret.") }
        guard let seconds = Int64(timestamp), (0..<(1 << 40)).contains(seconds) else {
            throw ReceiptRefusal(.timestamp, "\(prefix)timestamp is not a number of seconds since 1970.")
        }
        try check(Instant(milliseconds: seconds * 1000), within: ReceiptGate.tolerance, of: now)
    }
}
