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
        /// The provider takes fewer than we give it. Not processed; try later.
        case throttled
        /// Our allowance at the provider is used up, or our account has no credit.
        case quota
        /// A passing fault; proven not processed.
        case transient
        /// Our credentials or account: the provider is paused, the message waits without spending an attempt.
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
        /// Refused for now for this recipient alone: greylisting, a full mailbox, too much for one device.
        case recipientDeferred = "recipient.deferred"
        case contentRejected = "content.rejected"
        case contentTooLarge = "content.too_large"
        case contentFiltered = "content.filtered"
        case contentWindowClosed = "content.window_closed"
        /// Refused for now for this message alone: its sender's domain cannot be looked up, a filter wants to see it again.
        case contentDeferred = "content.deferred"
        case permanentUnknown = "permanent.unknown"
        /// The message may or may not have been taken.
        case ambiguous
    }

    /// What an outcome proves: it decides what becomes of the ledger row.
    public enum Proof: UInt8, Sendable {
        case sent = 1
        case notSent = 2
        case unknown = 3
    }

    /// Who is to blame for an outcome: it decides whom the outcome acts on. Only faults of the provider, of the way to it,
    /// or of our account, and a wish for less slow a provider down; only those of a recipient act on the recipient.
    public enum Fault: CaseIterable, Sendable {
        /// It worked, or it only needs another try.
        case nobody
        /// The provider wants less than we give it.
        case rate
        /// The provider fails.
        case provider
        /// The network, or whatever stands between the provider and us.
        case way
        /// Our settings, credentials, or account.
        case account
        case recipient
        /// This message: its content, or the sender that it names.
        case message
    }
}

extension Outcome.Kind {
    /// Who is to blame, what is proven, and whether another try may end better.
    private struct Meaning {
        var fault: Outcome.Fault
        var proof: Outcome.Proof
        var isRetryable: Bool

        init(_ fault: Outcome.Fault, _ proof: Outcome.Proof, retry isRetryable: Bool = false) {
            self.fault = fault
            self.proof = proof
            self.isRetryable = isRetryable
        }
    }

    /// The one table of what each kind means.
    private var meaning: Meaning {
        switch self {
        case .accepted: Meaning(.nobody, .sent)
        case .acceptedSandbox: Meaning(.nobody, .sent)
        case .throttled: Meaning(.rate, .notSent, retry: true)
        case .quota: Meaning(.account, .notSent, retry: true)
        case .transient: Meaning(.provider, .notSent, retry: true)
        case .auth: Meaning(.account, .notSent, retry: true)
        case .authRefresh: Meaning(.nobody, .notSent, retry: true)
        case .configuration: Meaning(.account, .notSent, retry: true)
        case .recipientInvalid: Meaning(.recipient, .notSent)
        case .recipientGone: Meaning(.recipient, .notSent)
        case .recipientUnsubscribed: Meaning(.recipient, .notSent)
        case .recipientSuppressed: Meaning(.recipient, .notSent)
        case .recipientUnreachable: Meaning(.recipient, .notSent)
        case .recipientDeferred: Meaning(.recipient, .notSent, retry: true)
        case .contentRejected: Meaning(.message, .notSent)
        case .contentTooLarge: Meaning(.message, .notSent)
        case .contentFiltered: Meaning(.message, .notSent)
        case .contentWindowClosed: Meaning(.message, .notSent)
        case .contentDeferred: Meaning(.message, .notSent, retry: true)
        case .permanentUnknown: Meaning(.message, .notSent)
        case .ambiguous: Meaning(.way, .unknown)
        }
    }

    /// Who is to blame.
    public var fault: Outcome.Fault { meaning.fault }

    /// What is proven about the message at the provider.
    public var proof: Outcome.Proof { meaning.proof }

    /// True when the same message may succeed later, or elsewhere, without anybody changing it.
    public var isRetryable: Bool { meaning.isRetryable }
}
