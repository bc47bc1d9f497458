internal import SobreModel
import SobreSettings

/// The login with an access token of OAuth 2 (XOAUTH2, or OAUTHBEARER of RFC 7628).
extension SMTPSettings {
    static let oauthSettings = ["oauth_token_url", "oauth_scope"]
    static let oauthSecrets = ["oauth_client_id", "oauth_client_secret", "oauth_refresh_token"]

    /// How long before its end a token is renewed.
    private static let renewBefore = Duration.seconds(300)

    /// Whether the login is with an access token.
    var usesOAuth: Bool { instance.settings["oauth_token_url"] != nil }

    /// The source of access tokens; nil: the login is by password, or there is none.
    ///
    /// With `oauth_refresh_token` it is a mailbox's own token; without it the client's own credentials are used.
    ///
    /// - Parameter time: for the lifetimes of tokens.
    /// - Returns: an empty cache.
    /// - Throws: ``ProviderError`` when something is missing, or a password is given as well.
    func tokens(time: any TimeSource) throws(ProviderError) -> TokenCache? {
        guard let url = instance.settings["oauth_token_url"] else {
            let names = Self.oauthSecrets.filter { instance.secrets[$0] != nil }
            guard names.isEmpty, instance.settings["oauth_scope"] == nil else {
                throw .missingSetting(instance: instance.name, name: "oauth_token_url", isSecret: false)
            }
            return nil
        }
        if let problem = ProviderURL.problem(in: url) { throw bad("oauth_token_url", problem) }
        if instance.secrets["password"] != nil {
            throw bad("password", "with oauth_token_url, the login is with an access token; remove the password")
        }
        guard let clientID = try secret("oauth_client_id") else {
            throw .missingSetting(instance: instance.name, name: "oauth_client_id", isSecret: true)
        }
        guard let clientSecret = try secret("oauth_client_secret") else {
            throw .missingSetting(instance: instance.name, name: "oauth_client_secret", isSecret: true)
        }
        let scope = try line("oauth_scope")
        guard let refreshToken = try secret("oauth_refresh_token") else {
            return TokenCache(
                source: ClientCredentialsGrant(
                    url: url, clientID: clientID, clientSecret: clientSecret, scope: scope, audience: nil,
                    isInBody: true, renewBefore: Self.renewBefore),
                time: time)
        }
        return TokenCache(
            source: RefreshTokenGrant(
                url: url, clientID: clientID, clientSecret: clientSecret, refreshToken: refreshToken, scope: scope,
                renewBefore: Self.renewBefore),
            time: time)
    }
}
