public import JSON
public import SobreModel
public import SobreSettings
public import SobreStore

/// Reads what a person allowed or refused.
public struct ConsentReader: Sendable {
    /// The bounds.
    public let limits: IntakeLimits

    /// Makes a reader.
    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    static let keys = ["category", "channel", "granted", "at", "source", "evidence"]

    /// Reads a consent as a profile lists it.
    public func read(_ ref: JSONRef) throws(IntakeProblem) -> Consent {
        try read(ref, recipient: nil).consent
    }

    /// Reads a consent with the person whom it is about.
    ///
    /// - Parameters:
    ///   - ref: the consent; as a line of a file it names its `recipient`.
    ///   - recipient: the person whom the request's path names, if any; then the line may leave it out.
    ///   - now: the time of one that tells none.
    /// - Returns: the checked statement.
    /// - Throws: a problem that names the field.
    public func statement(
        _ ref: JSONRef, recipient: String? = nil, now: Instant
    ) throws(IntakeProblem) -> ConsentStatement {
        var (own, consent) = try read(ref, recipient: .some(recipient))
        if let own, let recipient, own != recipient {
            throw IntakeProblem(
                .invalidValue, field: "recipient",
                message: "The body says \(quoted(own)), the path \(quoted(recipient)).",
                expected: "the same id in both, or none in the body")
        }
        guard let id = own ?? recipient else {
            throw FieldReader(limits: limits).missing("recipient", in: ref, "the person's id")
        }
        if consent.at == nil { consent.at = now }
        return ConsentStatement(recipient: id, consent: consent)
    }

    // Where `recipient` is nil, a person cannot be named.
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
            // What an export tells beside.
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
