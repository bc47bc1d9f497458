internal import Signing
internal import SobreModel
internal import Text

/// A signature or a message authentication code over parts of the request.
struct SignedReceiptVerifier: ReceiptVerifier {
    enum Key: Sendable {
        case hmac(HMACKey)
        /// ECDSA on P-256 with SHA-256, as DER.
        case p256(PublicKey)
        case ed25519(PublicKey)
        /// RSA with SHA-1, for providers that sign with nothing else.
        case rsaSHA1(PublicKey)
    }

    enum Encoding: String, CaseIterable, Sendable {
        case hex
        case base64
    }

    let key: Key
    let signature: ReceiptPlace
    /// What precedes the signature in its place, such as `sha256=`.
    let prefix: String
    let encoding: Encoding
    let signed: ReceiptText
    let timestamp: ReceiptPlace?
    let maxAge: Duration
    /// What the provider never sends twice with different bodies; nil: the signature covers the body.
    let once: ReceiptPlace?
    private let tokens = OneTimeTokens()

    init(_ plan: ReceiptPlan.Signed, key: Key) {
        self.key = key
        signature = plan.signature
        prefix = plan.prefix
        encoding = plan.encoding
        signed = plan.signed
        timestamp = plan.timestamp
        maxAge = plan.maxAge
        once = plan.once
    }

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard let given = receipt.text(signature), given.hasPrefix(prefix),
            let code = decoded(String(given.dropFirst(prefix.count)))
        else { throw refused("The receipt is not signed as the provider signs it.") }
        guard let message = receipt.bytes(of: signed) else {
            throw refused("The receipt lacks a part that its signature covers.")
        }
        let isValid =
            switch key {
            case .hmac(let key): constantTimeEquals(key.authenticate(message), code)
            case .p256(let key):
                ECDSASignature.raw(der: code).map { key.verify($0, of: message, with: .es256) } ?? false
            case .rsaSHA1(let key): key.verifySHA1(code, of: message)
            case .ed25519(let key): key.verify(code, of: message, with: .eddsa)
            }
        guard isValid else {
            throw refused("The receipt's signature does not match: the provider uses another key than the settings.")
        }
        if let timestamp {
            try check(receipt.text(timestamp).flatMap { ReceiptTime.instant($0) }, within: maxAge, of: now)
        }
        guard let once else { return }
        guard let token = receipt.text(once),
            tokens.take(token, with: receipt.request.body, maxAge: maxAge, at: now)
        else {
            throw refused("The receipt's signature was used for another body before. Somebody may have recorded it.")
        }
    }

    private func decoded(_ text: String) -> [UInt8]? {
        switch encoding {
        case .hex: try? Hex.decode(text)
        case .base64: try? Base64.decode(text)
        }
    }
}
