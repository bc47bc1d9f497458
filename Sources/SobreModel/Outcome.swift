/// The outcome of one hand-over to one provider.
public struct Outcome: Hashable, Sendable {
    public var kind: Kind
    /// The provider's own id of the message, if it returned one.
    public var providerID: String?
    /// The provider's answer or the transport's error in one line, without credentials, addresses or bodies.
    public var detail: String
    /// How long the provider asked us to wait.
    public var retryAfter: Duration?
    /// Set for a refusal that says nothing certain about its recipient, and equal for equal refusals. If several
    /// recipients in a row are refused alike, our account or our settings are at fault and not the recipients.
    public var commonCause: KeyHash?
    /// Since when the address is dead by the provider's word, where it says so. An address that was registered later is
    /// not.
    public var deadSince: Instant?
    /// False when no connection to the provider came about: such a try uses up no attempt.
    public var isConnected = true

    public init(_ kind: Kind, providerID: String? = nil, detail: String = "", retryAfter: Duration? = nil) {
        self.kind = kind
        self.providerID = providerID
        self.detail = detail
        self.retryAfter = retryAfter
    }

    /// All outcomes. Manifests use the raw values.
    public enum Kind: String, CaseIterable, Sendable {
        case accepted
        case acceptedSandbox = "accepted.sandbox"
        /// The provider asks for fewer calls. Not processed; retry later.
        case throttled
        /// Our quota at the provider is used up, or our account has no credit.
        case quota
        /// A temporary fault. Proven not processed.
        case transient
        /// Our credentials or account are at fault. The provider is paused, and the message waits without using up an
        /// attempt.
        case auth
        /// The access token has expired. Get a new one and retry.
        case authRefresh = "auth.refresh"
        /// Our own settings are wrong (provider address, TLS). The provider is paused.
        case configuration = "config"
        case recipientInvalid = "recipient.invalid"
        case recipientGone = "recipient.gone"
        case recipientUnsubscribed = "recipient.unsubscribed"
        case recipientSuppressed = "recipient.suppressed"
        case recipientUnreachable = "recipient.unreachable"
        /// Temporarily refused for this recipient only: greylisting, a full mailbox, too many messages for one device.
        case recipientDeferred = "recipient.deferred"
        case contentRejected = "content.rejected"
        case contentTooLarge = "content.too_large"
        case contentFiltered = "content.filtered"
        case contentWindowClosed = "content.window_closed"
        /// Temporarily refused for this message only: the sender's domain cannot be looked up, or a filter asks for a
        /// retry.
        case contentDeferred = "content.deferred"
        /// The provider refuses the sender that this message names.
        case senderRejected = "sender.rejected"
        case permanentUnknown = "permanent.unknown"
        /// The message may or may not have been accepted.
        case ambiguous
    }

    /// What an outcome proves. Determines the state of the ledger row.
    public enum Proof: UInt8, Sendable {
        case sent = 1
        case notSent = 2
        case unknown = 3
    }

    /// Who is at fault. Determines what the outcome affects. Only faults of the provider, of the connection to it or of
    /// our account, and requests for fewer calls, slow a provider down. Only faults of a recipient affect the
    /// recipient.
    public enum Fault: CaseIterable, Sendable {
        /// Success, or a failure that only needs a retry.
        case nobody
        /// The provider asks for fewer calls than we make.
        case rate
        /// The provider failed.
        case provider
        /// The network, or something else between us and the provider.
        case way
        /// Our settings, credentials or account.
        case account
        case recipient
        /// This message: its content or its sender.
        case message
    }
}

extension Outcome.Kind {
    /// Who is at fault, what is proven, and whether a retry may succeed.
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

    /// The meaning of each kind, in one table.
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
        case .senderRejected: Meaning(.message, .notSent)
        case .permanentUnknown: Meaning(.message, .notSent)
        case .ambiguous: Meaning(.way, .unknown)
        }
    }

    public var fault: Outcome.Fault { meaning.fault }

    /// What is proven about the message at the provider.
    public var proof: Outcome.Proof { meaning.proof }

    /// True when the same message may succeed later or elsewhere without a change.
    public var isRetryable: Bool { meaning.isRetryable }
}
