internal import SobreDelivery
internal import SobreModel
internal import Text

/// Requests an access token with the client's own credentials (RFC 6749 §4.4).
struct ClientCredentialsGrant: AccessTokenSource, Redacted {
    let url: String
    let clientID: String
    let clientSecret: String
    let scope: String?
    let audience: String?
    /// Whether the credentials are sent in the form instead of in an Authorization header (RFC 6749 §2.3.1).
    let isInBody: Bool
    let renewBefore: Duration

    func call(at now: Instant, timeout: Duration) -> HTTPCall {
        var headers: [(name: String, value: String)] = []
        var fields = [("grant_type", "client_credentials")]
        if isInBody {
            fields += [("client_id", clientID), ("client_secret", clientSecret)]
        } else {
            headers.append(("Authorization", BasicCredentials.value(user: clientID, password: clientSecret)))
        }
        if let scope { fields.append(("scope", scope)) }
        if let audience { fields.append(("audience", audience)) }
        return formCall(fields, headers: headers, to: url, timeout: timeout)
    }
}
