internal import Signing
internal import SobreModel
internal import Text

/// The symmetric signature of Standard Webhooks 1.0 (https://www.standardwebhooks.com): `v1` is HMAC-SHA256 over
/// `id.timestamp.body`.
enum StandardWebhooks {
    /// What is wrong with a secret from which no key can be made.
    static let secretProblem = "it is not whsec_ followed by base64 of at least 16 bytes (Standard Webhooks)"

    /// The key of a secret, with or without its `whsec_`; nil if it is invalid.
    static func key(of secret: String) -> HMACKey? {
        let encoded = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        guard let key = try? Base64.decode(encoded), key.count >= 16 else { return nil }
        return HMACKey(key, hash: .sha256)
    }

    static func code(id: String, timestamp: String, body: [UInt8], key: HMACKey) -> [UInt8] {
        var signed: [UInt8] = []
        signed.reserveCapacity(body.count + 64)
        signed.append(contentsOf: id.utf8)
        signed.append(UInt8(ascii: "."))
        signed.append(contentsOf: timestamp.utf8)
        signed.append(UInt8(ascii: "."))
        signed.append(contentsOf: body)
        return key.authenticate(signed)
    }

    static func verify(
        _ request: ReceiptRequest, key: HMACKey, headers: StandardWebhooksVerifier.Headers, now: Instant
    ) throws(ReceiptRefusal) {
        let prefix = headers.rawValue
        guard let id = request.headers["\(prefix)id"], let timestamp = request.headers["\(prefix)timestamp"],
            let signatures = request.headers["\(prefix)signature"]
        else {
            throw ReceiptRefusal(
                .signature,
                "The receipt is not signed: send \(prefix)id, \(prefix)timestamp and \(prefix)signature (Standard "
                    + "Webhooks), or an API key with the scope receipts.")
        }
        let expected = code(id: id, timestamp: timestamp, body: request.body, key: key)
        var isOurs = false
        // Every signature is compared, so that timing reveals nothing. Headers are bounded, and so is the number of
        // signatures.
        for part in signatures.split(separator: " ") where part.hasPrefix("v1,") {
            if let given = try? Base64.decode(String(part.dropFirst(3))), constantTimeEquals(given, expected) {
                isOurs = true
            }
        }
        guard isOurs else {
            throw ReceiptRefusal(
                .signature, "No signature of the receipt matches: the sender uses a different secret.")
        }
        guard let seconds = Int64(timestamp), (0..<(1 << 40)).contains(seconds) else {
            throw ReceiptRefusal(.timestamp, "\(prefix)timestamp is not a number of seconds since 1970.")
        }
        let distance = Instant(milliseconds: seconds * 1000) - now
        guard (.zero - ReceiptGate.tolerance...ReceiptGate.tolerance).contains(distance) else {
            throw ReceiptRefusal(
                .timestamp, "The receipt was signed more than 300 s from now: check the clocks, or send it again.")
        }
    }
}
