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
        var headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json")]
        var fields = [("grant_type", "client_credentials")]
        if isInBody {
            fields += [("client_id", clientID), ("client_secret", clientSecret)]
        } else {
            headers.append(("Authorization", BasicCredentials.value(user: clientID, password: clientSecret)))
        }
        if let scope { fields.append(("scope", scope)) }
        if let audience { fields.append(("audience", audience)) }
        var body: [UInt8] = []
        for (name, value) in fields {
            if !body.isEmpty { body.append(UInt8(ascii: "&")) }
            Escaping.form.append(name, to: &body)
            body.append(UInt8(ascii: "="))
            Escaping.form.append(value, to: &body)
        }
        return HTTPCall(url: url, headers: headers.map { (name: $0.0, value: $0.1) }, body: body, timeout: timeout)
    }
}
