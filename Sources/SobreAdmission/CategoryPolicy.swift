public import SobreModel

/// The rules for messages of one category.
public struct CategoryPolicy: Sendable, Hashable {
    /// Whether the recipient must have given consent.
    public enum ConsentMode: String, CaseIterable, Sendable {
        /// Nothing is sent without a recorded consent.
        case optIn = "opt_in"
        /// Messages are sent unless the recipient refused.
        case optOut = "opt_out"
        /// Consent is not checked. For messages that a contract requires.
        case none
    }

    /// What happens to a message when it is unknown whether the provider accepted it.
    public enum UnknownOutcome: String, CaseIterable, Sendable {
        /// It stays `unknown`, its ledger row keeps counting, and it is never sent again.
        case close
        /// It is sent once more with the same key, marked as a possible duplicate.
        case resendOnce = "resend_once"
    }

    public var name: String
    public var consent: ConsentMode
    /// Whether caps restrain messages of this category.
    public var obeysCaps: Bool
    /// Whether messages of this category count towards caps.
    public var countsTowardCaps: Bool
    public var unknownOutcome: UnknownOutcome
    /// For how long the same rendered content is not sent to a recipient again; zero turns the check off.
    public var fingerprintWindow: Duration
    /// How long after the later of its `send_at` and its acceptance a message without `expires_at` expires; nil for
    /// never.
    public var expiresAfter: Duration?
    /// The priority of messages for which neither the request nor the template sets one.
    public var priority: Priority

    public init(
        name: String, consent: ConsentMode = .optIn, obeysCaps: Bool = true, countsTowardCaps: Bool = true,
        unknownOutcome: UnknownOutcome = .close, fingerprintWindow: Duration = .seconds(86_400),
        expiresAfter: Duration? = nil, priority: Priority = .normal
    ) {
        self.name = name
        self.consent = consent
        self.obeysCaps = obeysCaps
        self.countsTowardCaps = countsTowardCaps
        self.unknownOutcome = unknownOutcome
        self.fingerprintWindow = fingerprintWindow
        self.expiresAfter = expiresAfter
        self.priority = priority
    }

    /// When a message of this category expires: at its own `expires_at`, else `expiresAfter` after ``Message/beginsAt``.
    /// Nil for never.
    public func expiresAt(_ message: Message) -> Instant? {
        if let own = message.draft.expiresAt { return own }
        guard let expiresAfter else { return nil }
        return message.beginsAt + expiresAfter
    }

    /// Whether caps and pauses restrain a message of this category. The message's own flag takes precedence over the
    /// category's. Test messages are never restrained.
    public func restrains(_ draft: MessageDraft) -> Bool {
        !draft.isTest && (draft.capFlags?.obeys ?? obeysCaps)
    }

    /// Whether caps restrain messages of the category, and whether these count towards caps.
    public var capFlags: (obeys: Bool, counts: Bool) { (obeysCaps, countsTowardCaps) }

    /// Opt-in, restrained by caps and counted. These are the strictest rules; they apply to every category that a
    /// policy does not name.
    public static func marketing(named name: String = "marketing") -> CategoryPolicy { CategoryPolicy(name: name) }

    /// No consent check, not restrained by caps and not counted, sent before others, and once more when its outcome is
    /// unknown.
    public static let transactional = CategoryPolicy(
        name: "transactional", consent: .none, obeysCaps: false, countsTowardCaps: false,
        unknownOutcome: .resendOnce, fingerprintWindow: .zero, priority: .high)
}
