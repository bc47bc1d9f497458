internal import Signing
internal import SobreModel
internal import SobreSettings
internal import Text

/// What authorises an instance's requests: the manifest's `auth` with the instance's secrets.
enum ManifestCredential: Sendable, Redacted {
    case none
    /// The same header for every request.
    case header(name: String, value: String)
    /// An access token that the provider hands out.
    case accessToken(TokenCache)
    /// A token that is signed here.
    case jwt(JWTCredential, scheme: String)
    case aws(AWSSigner)
    /// The provider's own rule; with its clock if it accepts no other.
    case recipe(AuthRecipe, clock: TokenCache?)

    /// What is asked for something before a request can be built; nil: nothing.
    var cache: TokenCache? {
        switch self {
        case .accessToken(let cache): cache
        case .recipe(_, let clock): clock
        default: nil
        }
    }

    /// Whether what is asked for is a clock's time and not a token.
    var isRecipe: Bool { if case .recipe = self { true } else { false } }

    /// What learns from outcomes whether a token still works; nil if there is none.
    var keeper: (any TokenKeeper)? {
        if case .jwt(let credential, _) = self { return credential }
        return cache
    }
}

extension ManifestBinding {
    /// Builds the credential of an instance.
    ///
    /// - Throws: ``ProviderError`` that names what is missing or invalid.
    func credential(
        of manifest: Manifest, _ instance: ProviderInstance, _ reader: SettingReader, time: any TimeSource
    ) throws(ProviderError) -> ManifestCredential {
        switch manifest.auth {
        case .none: return .none
        case .basic(let user, let password):
            guard let user = text(of: user), let password = text(of: password) else { return .none }
            return try header("Authorization", BasicCredentials.value(user: user, password: password), reader)
        case .bearer(let scheme, let token):
            guard let token = text(of: token) else { return .none }
            return try header("Authorization", scheme.isEmpty ? token : "\(scheme) \(token)", reader)
        case .header(let name, let value):
            guard let value = text(of: value) else { return .none }
            return try header(name, value, reader)
        case .oauth2Assertion(let plan):
            return .accessToken(try assertion(plan, url: tokenURL(plan.tokenURL, instance, reader), reader, time))
        case .oauth2Client(let plan):
            guard let id = text(of: plan.clientID), let secret = text(of: plan.clientSecret) else {
                throw reader.bad("secrets", "the client's id or secret is missing")
            }
            let grant = ClientCredentialsGrant(
                url: try tokenURL(plan.tokenURL, instance, reader), clientID: id, clientSecret: secret,
                scope: plan.scope.flatMap(text(of:)), audience: plan.audience.flatMap(text(of:)),
                isInBody: plan.isInBody, renewBefore: plan.renewBefore)
            return .accessToken(TokenCache(source: grant, time: time))
        case .jwt(let plan):
            // The certificate says who we are.
            if clientCertificate != nil, text(of: plan.privateKey) == nil { return .none }
            return .jwt(try jwt(plan, reader), scheme: plan.scheme)
        case .sigv4(let plan): return .aws(try signer(plan, reader))
        case .recipe(let recipe):
            let clock = manifest.clock.map { plan in
                TokenCache(
                    source: ServerClock(url: endpoint + plan.path, lifetime: plan.refresh), time: time)
            }
            return .recipe(recipe, clock: clock)
        }
    }

    private func header(
        _ name: String, _ value: String, _ reader: SettingReader
    ) throws(ProviderError) -> ManifestCredential {
        try checkHeader(value, reader)
        return .header(name: name, value: value)
    }

    private func checkHeader(_ value: String, _ reader: SettingReader) throws(ProviderError) {
        guard HeaderText.isValid(Array(value.utf8)) else {
            throw reader.bad(
                "secret", "a credential contains a line break or another character that is not allowed in headers")
        }
    }

    private func tokenURL(
        _ template: Template, _ instance: ProviderInstance, _ reader: SettingReader
    ) throws(ProviderError) -> String {
        let url = instance.settings["token_url"] ?? text(of: template) ?? ""
        if let problem = ProviderURL.problem(in: url) { throw reader.bad("token_url", problem) }
        return url
    }

    private func assertion(
        _ plan: ManifestAuth.AssertionPlan, url: String, _ reader: SettingReader, _ time: any TimeSource
    ) throws(ProviderError) -> TokenCache {
        guard let issuer = text(of: plan.issuer), let pem = text(of: plan.privateKey) else {
            throw reader.bad("secrets", "the issuer or the private key is missing")
        }
        do {
            let grant = TokenGrant(
                url: url, issuer: issuer, scope: plan.scope.flatMap(text(of:)), keyID: plan.keyID.flatMap(text(of:)),
                key: try PrivateKey(pem: pem), renewBefore: plan.renewBefore)
            // A key of the wrong type must be reported now, not at the first message.
            _ = try grant.assertion(at: .epoch)
            return TokenCache(source: grant, time: time)
        } catch {
            throw reader.bad("private key", "\(error)")
        }
    }

    private func jwt(_ plan: ManifestAuth.JWTPlan, _ reader: SettingReader) throws(ProviderError) -> JWTCredential {
        guard let pem = text(of: plan.privateKey) else { throw reader.bad("secrets", "the private key is missing") }
        var claims: [(name: String, value: String)] = []
        for (name, template) in plan.claims {
            if let value = text(of: template) { claims.append((name, value)) }
        }
        let content = JWTCredential.Content(
            claims: claims, keyID: plan.keyID.flatMap(text(of:)), algorithm: plan.algorithm, lifetime: plan.lifetime,
            hasID: plan.hasID)
        do {
            let key = try PrivateKey(pem: pem)
            // A key of the wrong type must be reported now, not at the first message.
            _ = try JWTCredential(content: content, key: key, reuse: nil).token(at: .epoch)
            return JWTCredential(content: content, key: key, reuse: plan.reuse)
        } catch {
            throw reader.bad("private key", "\(error)")
        }
    }

    private func signer(_ plan: ManifestAuth.AWSPlan, _ reader: SettingReader) throws(ProviderError) -> AWSSigner {
        guard let region = text(of: plan.region), let accessKey = text(of: plan.accessKey),
            let secretKey = text(of: plan.secretKey)
        else { throw reader.bad("secrets", "the region, the access key or the secret key is missing") }
        let sessionToken = plan.sessionToken.flatMap(text(of:))
        for value in [region, accessKey, sessionToken ?? ""] { try checkHeader(value, reader) }
        return AWSSigner(
            region: region, service: plan.service, accessKey: accessKey, secretKey: secretKey,
            sessionToken: sessionToken)
    }
}
