internal import JSON
internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// Requests an access token with a signed assertion (RFC 7523 §2.1).
struct TokenGrant: AccessTokenSource, Redacted {
    /// How long an assertion is valid. Google accepts at most an hour.
    static let assertionLifetimeSeconds: Int64 = 3600

    let url: String
    let issuer: String
    let scope: String?
    let keyID: String?
    let key: PrivateKey
    let renewBefore: Duration

    /// A JWT signed with RS256.
    func assertion(at now: Instant) throws(KeyError) -> String {
        let seconds = now.milliseconds.floorDivided(by: 1000)
        var claims = JSONWriter()
        claims.beginObject()
        claims.member("iss", ifPresent: issuer)
        claims.member("scope", ifPresent: scope)
        claims.member("aud", ifPresent: url)
        claims.key("iat")
        claims.value(seconds)
        claims.key("exp")
        claims.value(seconds + Self.assertionLifetimeSeconds)
        claims.endObject()
        return try JWT.sign(claims: claims.take(), key: key, algorithm: .rs256, keyID: keyID)
    }

    func call(at now: Instant, timeout: Duration) throws(KeyError) -> HTTPCall {
        var body = Array("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=".utf8)
        body.append(contentsOf: try assertion(at: now).utf8)
        return HTTPCall(
            url: url,
            headers: [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")],
            body: body, timeout: timeout)
    }
}
