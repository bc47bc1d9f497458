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
}
