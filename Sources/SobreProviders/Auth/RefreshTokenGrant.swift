internal import SobreDelivery
internal import SobreModel
internal import Text

/// Requests an access token with a refresh token (RFC 6749 §6), as mailbox providers hand them out for one mailbox.
struct RefreshTokenGrant: AccessTokenSource, Redacted {
    let url: String
    let clientID: String
    let clientSecret: String
    let refreshToken: String
    let scope: String?
    let renewBefore: Duration

    func call(at now: Instant, timeout: Duration) -> HTTPCall {
        var fields = [
            ("grant_type", "refresh_token"), ("refresh_token", refreshToken), ("client_id", clientID),
            ("client_secret", clientSecret),
        ]
        if let scope { fields.append(("scope", scope)) }
        return formCall(fields, to: url, timeout: timeout)
    }
}
