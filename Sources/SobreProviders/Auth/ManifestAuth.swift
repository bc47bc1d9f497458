internal import Signing
internal import SobreModel

/// How a request is authorised: the `auth` of a manifest.
enum ManifestAuth: Sendable {
    case none
    case basic(user: Template, password: Template)
    case bearer(scheme: String, token: Template)
    case header(name: String, value: Template)
    /// The JWT-bearer grant (RFC 7523). A signed assertion is exchanged for an access token.
    case oauth2Assertion(AssertionPlan)
    /// The client-credentials grant (RFC 6749 §4.4).
    case oauth2Client(ClientPlan)
    case jwt(JWTPlan)
    case sigv4(AWSPlan)
    case recipe(AuthRecipe)

    struct AssertionPlan: Sendable {
        let tokenURL: Template
        let scope: Template?
        let issuer: Template
        let keyID: Template?
        let privateKey: Template
        /// How long before its end the access token is renewed.
        let renewBefore: Duration
        /// The outcome that means that the token is stale.
        let refreshOn: Outcome.Kind
    }

    struct ClientPlan: Sendable {
        let tokenURL: Template
        let clientID: Template
        let clientSecret: Template
        let scope: Template?
        let audience: Template?
        /// Whether the credentials are sent in the form instead of in an Authorization header.
        let isInBody: Bool
        let renewBefore: Duration
        let refreshOn: Outcome.Kind
    }

    /// A token that is signed here.
    struct JWTPlan: Sendable {
        let scheme: String
        let algorithm: SignatureAlgorithm
        let privateKey: Template
        let keyID: Template?
        let claims: [(name: String, value: Template)]
        /// From `iat` to `exp`; nil: there is no `exp`.
        let lifetime: Duration?
        /// How long a token is used; nil: each request has its own.
        let reuse: Duration?
        let hasID: Bool
        let refreshOn: Outcome.Kind
    }

    struct AWSPlan: Sendable {
        let service: String
        let region: Template
        let accessKey: Template
        let secretKey: Template
        let sessionToken: Template?
    }

    /// Whether a token is asked for at a URL that the instance may replace.
    var hasTokenURL: Bool {
        switch self {
        case .oauth2Assertion, .oauth2Client: true
        default: false
        }
    }

    /// The outcome that means that a token is stale.
    var refreshOn: Outcome.Kind {
        switch self {
        case .oauth2Assertion(let plan): plan.refreshOn
        case .oauth2Client(let plan): plan.refreshOn
        case .jwt(let plan): plan.refreshOn
        default: .authRefresh
        }
    }
}
