public import JSON
public import SobreModel
public import SobreSettings
public import SobreStore

/// Reads consents and refusals.
public struct ConsentReader: Sendable {
    /// The limits.
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    static let keys = ["category", "channel", "granted", "at", "source", "evidence"]

    /// Reads a consent in a profile's list, which has no `recipient`.
    public func read(_ ref: JSONRef) throws(IntakeProblem) -> Consent {
        try read(ref, recipient: nil).consent
    }

    /// Reads a consent with its recipient.
    ///
    /// - Parameters:
    ///   - ref: the consent. A line of a file names its `recipient`.
    ///   - recipient: the recipient in the request's path, if any. Then `ref` may omit it, but must not name another
    ///     one.
    ///   - now: the time for a consent without `at`, and the latest time that `at` can have.
    /// - Returns: the validated statement.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    public func statement(
        _ ref: JSONRef, recipient: String? = nil, now: Instant
    ) throws(IntakeProblem) -> ConsentStatement {
        var (own, consent) = try read(ref, recipient: .some(recipient))
        if let recipient {
            try IntakeProblem.checkName(recipient, field: "recipient", atMost: limits.maxIDBytes, "the person's id")
        }
        if let own, let recipient, !own.utf8.elementsEqual(recipient.utf8) {
            throw IntakeProblem(
                .invalidValue, field: "recipient",
                message: "The body has the recipient \(quoted(own)), but the path has \(quoted(recipient)).",
                expected: "the same id in both, or no recipient in the body")
        }
        guard let id = own ?? recipient else {
            throw FieldReader(limits: limits).missing("recipient", in: ref, "the person's id")
        }
        // A time that has not come would outrank every refusal until then.
        consent.at = min(consent.at ?? now, now)
        return ConsentStatement(recipient: id, consent: consent)
    }

    // If `recipient` is nil, the key `recipient` is not allowed.
    private func read(
        _ ref: JSONRef, recipient: String??
    ) throws(IntakeProblem) -> (recipient: String?, consent: Consent) {
        let fields = FieldReader(limits: limits)
        var category: String?
        var granted: Bool?
        var own: String?
        var consent = Consent(category: "", granted: false)
        for (key, member) in try fields.object(ref, "a consent") {
            switch key.string {
            case "category": category = try fields.text(member, atMost: limits.maxNameBytes, "a category or topic")
            case "channel": consent.channel = member.isNull ? nil : try fields.channel(member)
            case "granted": granted = try fields.bool(member)
            case "at": consent.at = try fields.optionalInstant(member)
            case "source": consent.source = try fields.optionalText(member, atMost: limits.maxIDBytes)
            case "evidence": consent.evidence = try fields.optionalText(member, atMost: limits.maxEvidenceBytes)
            case "recipient" where recipient != nil:
                own = try fields.optionalText(member, atMost: limits.maxIDBytes)
            // Exports have these in addition.
            case "recorded_at" where recipient != nil, "sequence" where recipient != nil: break
            default: throw fields.unknownKey(key, known: Self.keys + (recipient == nil ? [] : ["recipient"]))
            }
        }
        guard let category else { throw fields.missing("category", in: ref, "a category or topic such as marketing") }
        guard let granted else { throw fields.missing("granted", in: ref, "true or false") }
        consent.category = category
        consent.granted = granted
        return (own, consent)
    }
}
