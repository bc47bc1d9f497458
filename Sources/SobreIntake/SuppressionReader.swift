public import JSON
public import SobreModel
public import SobreSettings
public import SobreStore

/// Reads suppressions of recipients and addresses.
public struct SuppressionReader: Sendable {
    /// The limits.
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    static let keys = [
        "recipient", "channel", "address", "category", "reason", "source", "at", "evidence", "subject", "label",
    ]

    /// Reads one suppression. Its subject is a `recipient` (on one `channel` or on all), an `address` on its `channel`,
    /// or, as in an export, a hashed `subject` with its `label`.
    ///
    /// - Parameters:
    ///   - ref: the suppression.
    ///   - now: the time for a suppression without `at`, and the latest time that `at` can have.
    /// - Returns: the validated suppression.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    public func read(_ ref: JSONRef, now: Instant) throws(IntakeProblem) -> Suppression {
        let fields = FieldReader(limits: limits)
        var recipient: String?
        var address: String?
        var hashed: KeyHash?
        var suppression = Suppression(subject: .none, label: "", reason: .manual, source: "api", at: now)
        for (key, value) in try fields.object(ref, "a suppression") {
            switch key.string {
            case "recipient": recipient = try fields.optionalText(value, atMost: limits.maxIDBytes)
            case "channel": suppression.channel = value.isNull ? nil : try fields.channel(value)
            case "address": address = try fields.optionalText(value, atMost: AddressGrammar.maxBytes)
            case "category": suppression.category = try fields.optionalName(value)
            case "reason":
                suppression.reason = try fields.choice(value, Suppression.Reason.allCases.map(\.rawValue)) {
                    Suppression.Reason(rawValue: $0)
                }
            case "source": suppression.source = try fields.text(value, atMost: limits.maxNameBytes)
            case "at": suppression.at = min(try fields.optionalInstant(value) ?? now, now)
            case "evidence": suppression.evidence = try fields.optionalText(value, atMost: limits.maxEvidenceBytes)
            case "subject": hashed = try keyHash(value, fields)
            case "label": suppression.label = try fields.optionalText(value, atMost: limits.maxIDBytes) ?? ""
            default: throw fields.unknownKey(key, known: Self.keys)
            }
        }
        if let hashed, recipient == nil, address == nil {
            suppression.subject = hashed
            return suppression
        }
        let subject = try SuppressionSubject(
            recipient: recipient, channel: suppression.channel, address: address)
        suppression.subject = subject.keyHash
        suppression.label = subject.label
        suppression.channel = subject.scope
        return suppression
    }

    /// A hashed subject: 16 hexadecimal digits.
    private func keyHash(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> KeyHash? {
        guard let text = try fields.optionalText(ref, atMost: limits.maxIDBytes) else { return nil }
        guard text.utf8.count == 16, let value = UInt64(text, radix: 16), value != 0 else {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "\(quoted(text)) is not a subject hash.",
                expected: "16 hexadecimal digits, as sobre suppressions export writes them")
        }
        return KeyHash(rawValue: value)
    }
}

/// The subject of a suppression.
public struct SuppressionSubject: Sendable, Hashable {
    /// The hash by which the store finds the subject.
    public let keyHash: KeyHash
    /// The recipient's id, or the masked address.
    public let label: String
    /// The only suppressed channel of a recipient; nil for all. For an address it is nil, because the key hash includes
    /// the channel.
    public let scope: Channel?
    /// The recipient's id; nil for an address.
    public let recipient: String?

    /// Makes the subject for a recipient (on one channel or on all) or for an address on its channel.
    public init(recipient: String?, channel: Channel?, address: String?) throws(IntakeProblem) {
        self.recipient = recipient
        switch (recipient, address) {
        case (let recipient?, nil):
            keyHash = .recipient(recipient)
            label = recipient
            scope = channel
        case (nil, let text?):
            guard let channel else {
                throw IntakeProblem(
                    .missingField, field: "channel", message: "An address needs its channel.",
                    expected: Channel.choice)
            }
            if let problem = AddressGrammar.problem(with: text, channel: channel) {
                throw IntakeProblem(
                    .invalidValue, field: "address", message: problem, expected: AddressGrammar.example(of: channel))
            }
            let address = Address(channel: channel, value: text)
            keyHash = address.subject
            label = address.masked
            scope = nil
        case (nil, nil), (_?, _?):
            throw IntakeProblem(
                .missingField, field: "recipient",
                message: "A suppression needs a recipient, or a channel and an address.",
                expected: "either \"recipient\", or \"channel\" and \"address\"")
        }
    }
}

extension ProfileStore {
    /// Lifts the suppressions of a subject.
    ///
    /// - Parameters:
    ///   - subject: the recipient or the address.
    ///   - category: only those of this category; nil for all.
    ///   - includesAddresses: whether those of a recipient's addresses are lifted too.
    ///   - word: who lifts them, for the history.
    /// - Returns: how many were lifted.
    /// - Throws: `StoreError`; the call may be retried.
    public func lift(
        _ subject: SuppressionSubject, category: String?, includingAddresses includesAddresses: Bool,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        var lifted = try await lift(subject: subject.keyHash, channel: subject.scope, category: category, by: word)
        guard includesAddresses, let id = subject.recipient else { return lifted }
        for (address, _) in try await addressSuppressions(of: id, on: subject.scope) {
            lifted += try await lift(subject: address.subject, channel: nil, category: category, by: word)
        }
        return lifted
    }
}
