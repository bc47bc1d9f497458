internal import Signing
internal import SobreModel
internal import YAMLDocument

/// `auth`, `clock` and `signature`.
extension ManifestParser {
    func parseAuth(_ value: YAMLValue) throws(YAMLError) -> ManifestAuth {
        let mapping = try value.mapping()
        let type = try mapping.require("type")
        let name = try type.string()
        guard let keys = ManifestKeys.auth[name] else {
            throw type.unknownName(name, known: ManifestKeys.auth.keys.sorted())
        }
        try mapping.checkKeys(known: keys)
        switch name {
        case "basic":
            return .basic(user: try text("user", in: mapping), password: try text("password", in: mapping))
        case "bearer":
            return .bearer(
                scheme: try mapping.string("scheme", default: "Bearer"), token: try text("token", in: mapping))
        case "header":
            return .header(
                name: try Self.headerName(try mapping.require("name")), value: try text("value", in: mapping))
        case "oauth2_jwt_bearer": return .oauth2Assertion(try parseAssertion(mapping))
        case "oauth2_client_credentials": return .oauth2Client(try parseClient(mapping))
        case "jwt": return .jwt(try parseJWT(mapping))
        case "sigv4":
            return .sigv4(
                ManifestAuth.AWSPlan(
                    service: try mapping.string("service"), region: try text("region", in: mapping),
                    accessKey: try text("access_key", in: mapping), secretKey: try text("secret_key", in: mapping),
                    sessionToken: try text(ifPresent: "session_token", in: mapping)))
        case "recipe": return .recipe(try parseRecipe(mapping))
        default: return .none
        }
    }

    func parseClock(_ value: YAMLValue) throws(YAMLError) -> ClockPlan {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.clock)
        let path = try mapping.string("path")
        guard path.hasPrefix("/") else {
            throw try mapping.require("path").error("\"\(path)\" is not a path", help: "write /auth/time")
        }
        return ClockPlan(
            path: path,
            refresh: try mapping.duration(ifPresent: "refresh", in: .seconds(60)...(.seconds(86_400))) ?? .seconds(3600)
        )
    }

    func parseSignature(_ value: YAMLValue) throws(YAMLError) -> Template {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.signature)
        let type = try mapping.require("type")
        guard try type.string() == "standard_webhooks" else {
            throw type.unknownName(try type.string(), known: ["standard_webhooks"])
        }
        return try text("secret", in: mapping)
    }

    static func headerName(_ value: YAMLValue) throws(YAMLError) -> String {
        let name = try value.string()
        guard MIMEToken.isValid(name) else { throw value.error("\"\(name)\" is not a header's name") }
        return name
    }

    // MARK: - Parts

    /// A text of settings and secrets.
    func text(_ key: String, in mapping: YAMLMapping) throws(YAMLError) -> Template {
        try template(try mapping.require(key), .settings)
    }

    func text(ifPresent key: String, in mapping: YAMLMapping) throws(YAMLError) -> Template? {
        try mapping.read(key) { value throws(YAMLError) in try template(value, .settings) }
    }

    private func parseAssertion(_ mapping: YAMLMapping) throws(YAMLError) -> ManifestAuth.AssertionPlan {
        if let alg = mapping["alg"], try alg.string() != "RS256" {
            throw alg.error("only RS256 is supported", help: "write alg: RS256")
        }
        return ManifestAuth.AssertionPlan(
            tokenURL: try text("token_url", in: mapping), scope: try text(ifPresent: "scope", in: mapping),
            issuer: try text("issuer", in: mapping), keyID: try text(ifPresent: "key_id", in: mapping),
            privateKey: try text("private_key", in: mapping), renewBefore: try Self.renewBefore(mapping),
            refreshOn: try Self.refreshOn(mapping))
    }

    private func parseClient(_ mapping: YAMLMapping) throws(YAMLError) -> ManifestAuth.ClientPlan {
        var isInBody = false
        if let value = mapping["credentials"] {
            let text = try value.string()
            guard ["header", "body"].contains(text) else { throw value.unknownName(text, known: ["header", "body"]) }
            isInBody = text == "body"
        }
        return ManifestAuth.ClientPlan(
            tokenURL: try text("token_url", in: mapping), clientID: try text("client_id", in: mapping),
            clientSecret: try text("client_secret", in: mapping), scope: try text(ifPresent: "scope", in: mapping),
            audience: try text(ifPresent: "audience", in: mapping), isInBody: isInBody,
            renewBefore: try Self.renewBefore(mapping), refreshOn: try Self.refreshOn(mapping))
    }

    private func parseJWT(_ mapping: YAMLMapping) throws(YAMLError) -> ManifestAuth.JWTPlan {
        let alg = try mapping.require("alg")
        guard let algorithm = SignatureAlgorithm(rawValue: try alg.string()) else {
            throw alg.unknownName(try alg.string(), known: SignatureAlgorithm.allCases.map(\.rawValue))
        }
        var claims: [(name: String, value: Template)] = []
        for entry in try mapping.mapping(ifPresent: "claims")?.entries ?? [] {
            guard !["iat", "exp", "jti"].contains(entry.key) else {
                throw entry.value.error(
                    "the claim \(entry.key) is written by Sobre", help: "use lifetime for exp, and id: true for jti")
            }
            claims.append((entry.key, try template(entry.value, .settings)))
        }
        let lifetime = try mapping.duration(ifPresent: "lifetime", in: .seconds(10)...(.seconds(86_400)))
        let reuse = try mapping.duration(ifPresent: "reuse", in: .seconds(1)...(.seconds(86_400)))
        if let reuse, let lifetime, reuse >= lifetime {
            throw try mapping.require("reuse").error("a token must not be used for longer than its lifetime")
        }
        return ManifestAuth.JWTPlan(
            scheme: try mapping.string("scheme", default: "Bearer"), algorithm: algorithm,
            privateKey: try text("private_key", in: mapping), keyID: try text(ifPresent: "key_id", in: mapping),
            claims: claims, lifetime: lifetime, reuse: reuse, hasID: try mapping.bool("id", default: false),
            refreshOn: try Self.refreshOn(mapping))
    }

    private func parseRecipe(_ mapping: YAMLMapping) throws(YAMLError) -> AuthRecipe {
        var names: [String] = []
        var steps: [Template] = []
        for entry in try mapping.mapping(ifPresent: "let")?.entries ?? [] {
            steps.append(try template(entry.value, .signing(steps: names)))
            names.append(entry.key)
        }
        var headers: [(name: String, value: Template)] = []
        for entry in try mapping.require("headers").mapping().entries {
            guard MIMEToken.isValid(entry.key) else {
                throw entry.value.error("\"\(entry.key)\" is not a header's name")
            }
            headers.append((entry.key, try template(entry.value, .signing(steps: names))))
        }
        return AuthRecipe(steps: steps, headers: headers)
    }

    private static func refreshOn(_ mapping: YAMLMapping) throws(YAMLError) -> Outcome.Kind {
        try mapping.choice("refresh_on", default: Outcome.Kind.authRefresh)
    }

    /// `cache: expires_in-300s`.
    private static func renewBefore(_ mapping: YAMLMapping) throws(YAMLError) -> Duration {
        guard let cache = mapping["cache"] else { return .seconds(300) }
        let text = try cache.string()
        guard text.hasPrefix("expires_in-"), text.hasSuffix("s"), let seconds = Int(text.dropFirst(11).dropLast()),
            (0...3600).contains(seconds)
        else { throw cache.error("\"\(text)\" is not understood", help: "write expires_in-300s") }
        return .seconds(seconds)
    }
}
