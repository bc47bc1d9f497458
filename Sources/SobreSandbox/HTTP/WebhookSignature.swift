import Text

/// The check of a Standard Webhooks signature (standardwebhooks.com, specification 1.0, symmetric `v1`).
enum WebhookSignature {
    /// The largest difference between the timestamp and now, in seconds.
    static let toleranceSeconds: Int64 = 300

    /// The key in a secret written `whsec_…` or as bare base64; nil if it is empty or not base64.
    static func key(secret: String) -> [UInt8]? {
        let text = secret.hasPrefix("whsec_") ? secret.dropFirst(6) : secret[...]
        guard let key = Base64.decodeAny(text.utf8), !key.isEmpty else { return nil }
        return key
    }

    /// Why a webhook is not authentic; nil if it is.
    ///
    /// - Parameters:
    ///   - request: the webhook.
    ///   - key: the shared key.
    ///   - clocks: instants in milliseconds, one of which must be close to the timestamp: real time and, if set, the
    ///     virtual time.
    /// - Returns: a clause for an error message, or nil.
    static func objection(to request: HTTPRequest, key: [UInt8], clocks: [Int64]) -> String? {
        guard let id = request.header("webhook-id"), !id.isEmpty,
            let timestamp = request.header("webhook-timestamp"),
            let signatures = request.header("webhook-signature")
        else { return "webhook-id, webhook-timestamp or webhook-signature is missing" }
        guard let seconds = Int64(timestamp), (0...1 << 40).contains(seconds) else {
            return "webhook-timestamp is not a number of seconds"
        }
        guard clocks.contains(where: { abs($0 / 1000 - seconds) <= toleranceSeconds }) else {
            return "webhook-timestamp is more than \(toleranceSeconds) s away from now"
        }
        let expected = SHA256.authenticationCode(Array("\(id).\(timestamp).".utf8) + request.body, key: key)
        for signature in signatures.split(separator: " ") where signature.hasPrefix("v1,") {
            guard let given = Base64.decodeAny(signature.dropFirst(3).utf8), given.count == expected.count else {
                continue
            }
            // `|` and `^` have the same precedence in Swift, so the parentheses are needed.
            let difference = zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            if difference == 0 { return nil }
        }
        return "no v1 signature matches"
    }
}
