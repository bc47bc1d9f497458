internal import JSON
internal import Text

/// The OAuth token endpoint of a service account: `POST /token` with the JWT-bearer grant (RFC 7523 §2.1).
///
/// The assertion must have the right form: three parts, a JSON header, and claims with `iss`, `aud`, `iat` and `exp` no
/// more than an hour apart. Its signature is not checked, because the sandbox does not have the account's public key.
/// Tokens are valid for an hour of real time, and not after the sandbox has stopped.
struct TokenRegistry {
    /// How long a token is valid, in seconds.
    static let lifetimeSeconds = 3600
    /// The most tokens that are kept. The oldest is evicted.
    static let maxTokens = 10_000

    private var expiries: [String: Int64] = [:]
    private var order: [String] = []
    private var oldest = 0

    /// Whether this token was issued and is still valid at an instant in milliseconds.
    func isKnown(_ token: Substring, at now: Int64) -> Bool {
        expiries[String(token)].map { now < $0 } ?? false
    }

    mutating func revokeAll() { self = TokenRegistry() }

    /// Answers one request.
    mutating func issue(_ request: HTTPRequest, at now: Int64, identity: String) -> HTTPAnswer {
        let form = FormFields(request.body)
        guard form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" else {
            return Self.error(
                "unsupported_grant_type",
                "Send grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer and an assertion.")
        }
        if let objection = Self.objection(toAssertion: form["assertion"] ?? "") {
            return Self.error("invalid_grant", objection)
        }
        let token = "sandbox.\(identity)"
        remember(token, until: now + Int64(Self.lifetimeSeconds) * 1000)
        return .json(200) { json in
            json.field("access_token", token)
            json.field("expires_in", Self.lifetimeSeconds - 1)
            json.field("token_type", "Bearer")
        }
    }

    static func error(_ name: String, _ text: String, status: Int = 400) -> HTTPAnswer {
        .json(status) { json in
            json.field("error", name)
            json.field("error_description", text)
        }
    }

    private mutating func remember(_ token: String, until expiry: Int64) {
        if order.count < Self.maxTokens {
            order.append(token)
        } else {
            expiries[order[oldest]] = nil
            order[oldest] = token
            oldest = (oldest + 1) % Self.maxTokens
        }
        expiries[token] = expiry
    }

    private static func objection(toAssertion assertion: String) -> String? {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = object(parts[0]), let claims = object(parts[1]),
            let signature = Base64.decodeAny(parts[2].utf8), !signature.isEmpty
        else { return "The assertion is not a signed JWT of three base64url parts." }
        guard header["alg"]?.string == "RS256" else { return "The assertion's alg is not RS256." }
        guard claims["iss"]?.string?.isEmpty == false, claims["aud"]?.string?.isEmpty == false else {
            return "The assertion lacks iss or aud."
        }
        guard let issued = claims["iat"]?.int, let expires = claims["exp"]?.int, expires > issued,
            expires - issued <= 3600
        else { return "The assertion's iat and exp must be seconds, exp at most 3600 after iat." }
        return nil
    }

    private static func object(_ part: Substring) -> JSONRef? {
        guard let bytes = Base64.decodeAny(part.utf8), let document = try? JSONDocument.parse(bytes, limits: .request),
            document.root.kind == .object
        else { return nil }
        return document.root
    }
}
