/// What one hand-over to one provider came to.
public struct Outcome: Hashable, Sendable {
    public var kind: Kind
    /// The provider's own id of the message, where it gave one.
    public var providerID: String?
    /// The provider's answer or the transport's complaint in a line, without credentials, addresses or bodies.
    public var detail: String
    /// How long the provider asked us to wait.
    public var retryAfter: Duration?

    public init(_ kind: Kind, providerID: String? = nil, detail: String = "", retryAfter: Duration? = nil) {
        self.kind = kind
        self.providerID = providerID
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// The closed set of outcomes: manifests name them by raw value.
    public enum Kind: String, CaseIterable, Sendable {
        case accepted
        case acceptedSandbox = "accepted.sandbox"
        /// Refused for now, not processed; try later.
        case throttled
        case quota
        /// A passing fault; proven not processed.
        case transient
        /// Our credentials or account: the provider is paused, the message keeps its turn.
        case auth
        /// The access token is stale: get a new one and try again.
        case authRefresh = "auth.refresh"
        /// Our own settings are wrong (address of the provider, TLS): the provider is paused.
        case configuration = "config"
        case recipientInvalid = "recipient.invalid"
        case recipientGone = "recipient.gone"
        case recipientUnsubscribed = "recipient.unsubscribed"
        case recipientSuppressed = "recipient.suppressed"
        case recipientUnreachable = "recipient.unreachable"
        case contentRejected = "content.rejected"
        case contentTooLarge = "content.too_large"
        case contentFiltered = "content.filtered"
        case contentWindowClosed = "content.window_closed"
        case permanentUnknown = "permanent.unknown"
        /// The message may or may not have been taken.
        case ambiguous

        /// What is proven about the message at the provider.
        public var proof: Proof {
            switch self {
            case .accepted, .acceptedSandbox: .sent
            case .ambiguous: .unknown
            default: .notSent
            }
        }

        /// True when the same message may succeed later, or elsewhere, without anybody changing it.
        public var isRetryable: Bool {
            switch self {
            case .throttled, .quota, .transient, .auth, .authRefresh, .configuration: true
            default: false
            }
        }

        /// True when the fault is the provider's or ours, never the recipient's or the content's: it feeds the breaker.
        public var blamesProvider: Bool {
            switch self {
            case .transient, .ambiguous, .auth, .configuration, .quota: true
            default: false
            }
        }
    }

    /// What an outcome proves: it decides what becomes of the ledger row.
    public enum Proof: UInt8, Sendable {
        case sent = 1
        case notSent = 2
        case unknown = 3
    }
}
