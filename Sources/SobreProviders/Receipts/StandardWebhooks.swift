internal import Signing
internal import SobreModel

/// The symmetric signature of Standard Webhooks 1.0 (https://www.standardwebhooks.com), on the receiving side.
enum StandardWebhooks {
    static func verify(_ request: ReceiptRequest, key: HMACKey, now: Instant) throws(ReceiptRefusal) {
        guard let id = request.headers["webhook-id"], let timestamp = request.headers["webhook-timestamp"],
            let signatures = request.headers["webhook-signature"]
        else {
            throw ReceiptRefusal(
                .signature,
                "The receipt is not signed: send webhook-id, webhook-timestamp and webhook-signature (Standard Webhooks), or "
                    + "an API key with the scope receipts.")
        }
        let expected = key.authenticate(Array("\(id).\(timestamp).".utf8) + request.body)
        var isOurs = false
        // Every signature is compared, so that the time taken tells nothing; a header is bounded, and so is their number.
        for part in signatures.split(separator: " ") where part.hasPrefix("v1,") {
            if let given = try? Base64.decode(String(part.dropFirst(3))), constantTimeEquals(given, expected) {
                isOurs = true
            }
        }
        guard isOurs else {
            throw ReceiptRefusal(
                .signature, "No signature of the receipt fits: the sender and we know different secrets.")
        }
        guard let seconds = Int64(timestamp), (0..<(1 << 40)).contains(seconds) else {
            throw ReceiptRefusal(.timestamp, "webhook-timestamp is not a number of seconds since 1970.")
        }
        let distance = Instant(milliseconds: seconds * 1000) - now
        guard (.zero - ReceiptGate.tolerance...ReceiptGate.tolerance).contains(distance) else {
            throw ReceiptRefusal(
                .timestamp, "The receipt was signed more than 300 s from now: check the clocks, or send it again.")
        }
    }
}
