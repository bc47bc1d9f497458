internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// Requests an access token with a signed assertion (RFC 7523 §2.1).
struct TokenGrant: AccessTokenSource, Redacted {
    /// How long an assertion is valid. Google accepts at most an hour.
    private static let assertionLifetime = Duration.seconds(3600)

    private let url: String
    private let assertions: JWTCredential
    let renewBefore: Duration

    init(url: String, issuer: String, scope: String?, keyID: String?, key: PrivateKey, renewBefore: Duration) {
        self.url = url
        self.renewBefore = renewBefore
        let claims = [("iss", issuer)] + (scope.map { [("scope", $0)] } ?? []) + [("aud", url)]
        assertions = JWTCredential(
            content: JWTCredential.Content(
                claims: claims.map { (name: $0.0, value: $0.1) }, keyID: keyID, algorithm: .rs256,
                lifetime: Self.assertionLifetime, hasID: false),
            key: key, reuse: nil)
    }

    /// A JWT signed with RS256.
    func assertion(at now: Instant) throws(KeyError) -> String { try assertions.token(at: now).text }

    func call(at now: Instant, timeout: Duration) throws(KeyError) -> HTTPCall {
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", try assertion(at: now)),
        ]
        return formCall(fields, to: url, timeout: timeout)
    }
}
