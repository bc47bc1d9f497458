public import SobreModel

/// How messages of one category are treated.
public struct CategoryPolicy: Sendable, Hashable {
    /// Whether a person must have agreed.
    public enum ConsentMode: String, CaseIterable, Sendable {
        /// Nothing is sent without a recorded grant.
        case optIn = "opt_in"
        /// Everything is sent that was not refused.
        case optOut = "opt_out"
        /// Consent is not asked: messages that a contract demands.
        case none
    }

    /// What happens to a message of which nobody knows whether the provider took it.
    public enum UnknownOutcome: String, CaseIterable, Sendable {
        /// It stays `unknown`, keeps its slot and is never sent again.
        case close
        /// It is sent once more with the same key, flagged as a possible duplicate.
        case resendOnce = "resend_once"
    }

    public var name: String
    public var consent: ConsentMode
    /// Whether caps restrain the category.
    public var obeysCaps: Bool
    /// Whether its contacts fill caps.
    public var countsTowardCaps: Bool
    public var unknownOutcome: UnknownOutcome
    /// For how long the same rendered words are not sent again to a person; zero: never judged.
    public var fingerprintWindow: Duration
    /// How long after its `send_at` (or its acceptance) a message without `expires_at` expires; nil: never.
    public var expiresAfter: Duration?

    public init(
        name: String, consent: ConsentMode = .optIn, obeysCaps: Bool = true, countsTowardCaps: Bool = true,
        unknownOutcome: UnknownOutcome = .close, fingerprintWindow: Duration = .seconds(86_400),
        expiresAfter: Duration? = nil
    ) {
        self.name = name
        self.consent = consent
        self.obeysCaps = obeysCaps
        self.countsTowardCaps = countsTowardCaps
        self.unknownOutcome = unknownOutcome
        self.fingerprintWindow = fingerprintWindow
        self.expiresAfter = expiresAfter
    }

    /// When a message of this category is too late: by its own word, else so long after its `send_at` or its
    /// acceptance; nil: never.
    public func expiresAt(_ message: Message) -> Instant? {
        if let own = message.draft.expiresAt { return own }
        guard let expiresAfter else { return nil }
        return (message.draft.sendAt ?? message.acceptedAt) + expiresAfter
    }

    /// Whether caps and pauses restrain a message of this category: by its own word, else by the category's. Tests are
    /// never restrained.
    public func restrains(_ draft: MessageDraft) -> Bool {
        !draft.isTest && (draft.capFlags?.obeys ?? obeysCaps)
    }

    /// Whether caps restrain the category's messages, and whether these fill caps.
    public var capFlags: (obeys: Bool, counts: Bool) { (obeysCaps, countsTowardCaps) }

    /// Opt-in, capped, counted. Every category that a policy does not name is treated so: the strictest way.
    public static func marketing(named name: String = "marketing") -> CategoryPolicy { CategoryPolicy(name: name) }

    /// Sent without asking, neither restrained by caps nor filling them, sent again once when its fate is unknown.
    public static let transactional = CategoryPolicy(
        name: "transactional", consent: .none, obeysCaps: false, countsTowardCaps: false,
        unknownOutcome: .resendOnce, fingerprintWindow: .zero)
}
