internal import JSON
internal import Signing
internal import SobreModel
internal import Synchronization
internal import Text

/// Signs a JSON Web Token that authorises requests, and uses it until it is too old.
final class JWTCredential: Sendable, Redacted {
    /// The parts of a token that do not change.
    struct Content: Sendable {
        let claims: [(name: String, value: String)]
        let keyID: String?
        let algorithm: SignatureAlgorithm
        /// From `iat` to `exp`; nil: there is no `exp`.
        let lifetime: Duration?
        /// Whether there is a random `jti`.
        let hasID: Bool
    }

    private let content: Content
    private let key: PrivateKey
    /// How long a token is used; nil: each request has its own.
    private let reuse: Duration?
    private let state = Mutex(TokenState())

    init(content: Content, key: PrivateKey, reuse: Duration?) {
        self.content = content
        self.key = key
        self.reuse = reuse
    }

    /// The token for a request.
    ///
    /// - Throws: ``KeyError`` when the key does not fit the algorithm.
    func token(at now: Instant) throws(KeyError) -> IssuedToken {
        guard let reuse else { return IssuedToken(text: try sign(at: now), generation: 0) }
        if let token = state.withLock({ $0.current(at: now) }) { return token }
        let text = try sign(at: now)
        return state.withLock { $0.current(at: now) ?? $0.replace(with: text, until: now + reuse) }
    }

    private func sign(at now: Instant) throws(KeyError) -> String {
        let seconds = now.milliseconds.floorDivided(by: 1000)
        var claims = JSONWriter()
        claims.beginObject()
        for (name, value) in content.claims {
            claims.key(name)
            claims.value(value)
        }
        claims.key("iat")
        claims.value(seconds)
        if let lifetime = content.lifetime {
            claims.key("exp")
            claims.value(seconds + lifetime.milliseconds / 1000)
        }
        if content.hasID { claims.member("jti", Hex.encode(randomBytes(16))) }
        claims.endObject()
        return try JWT.sign(claims: claims.take(), key: key, algorithm: content.algorithm, keyID: content.keyID)
    }
}

extension JWTCredential: TokenKeeper {
    func accepted(_ token: IssuedToken) { state.withLock { $0.accepted(token) } }

    /// A token that is made for each request is never too old.
    func rejected(_ token: IssuedToken) -> Bool { reuse != nil && state.withLock { $0.rejected(token) } }
}
