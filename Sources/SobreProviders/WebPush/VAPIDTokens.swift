internal import Signing
internal import SobreModel
internal import Synchronization
internal import Text

/// Tokens that tell push services who sends (RFC 8292), one for each service.
final class VAPIDTokens: Sendable, Redacted {
    private let key: PrivateKey
    private let subject: String
    /// The parameter `k`: our public key.
    private let point: String
    private let tokens = Mutex<[String: JWTCredential]>([:])

    /// RFC 8292 allows 24 hours at most.
    private static let lifetime = Duration.seconds(12 * 3600)
    private static let reuse = Duration.seconds(11 * 3600)
    /// The services are few; subdomains of an allowed one may be many.
    private static let maxServices = 256

    /// - Parameters:
    ///   - key: a P-256 key.
    ///   - point: its public half.
    ///   - subject: a `mailto:` or `https:` URL where the push service reaches the sender.
    init(key: PrivateKey, point: [UInt8], subject: String) {
        self.key = key
        self.point = Base64.encodeURL(point)
        self.subject = subject
    }

    /// The value of `Authorization` for a push service.
    ///
    /// - Throws: `KeyError` when the key cannot sign.
    func authorization(for origin: String, at now: Instant) throws(KeyError) -> String {
        let credential = tokens.withLock { tokens in
            if let known = tokens[origin] { return known }
            if tokens.count >= Self.maxServices { tokens.removeAll() }
            let new = JWTCredential(
                content: .init(
                    claims: [("aud", origin), ("sub", subject)], keyID: nil, algorithm: .es256,
                    lifetime: Self.lifetime, hasID: false),
                key: key, reuse: Self.reuse)
            tokens[origin] = new
            return new
        }
        let token = try credential.token(at: now)
        return "vapid t=\(token.text), k=\(point)"
    }
}
