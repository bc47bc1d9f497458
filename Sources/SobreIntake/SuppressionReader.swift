public import JSON
public import SobreModel

/// Reads an order not to contact a person or an address.
public struct SuppressionReader: Sendable {
    /// The bounds.
    public let limits: IntakeLimits

    /// Makes a reader.
    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    static let keys = ["recipient", "channel", "address", "category", "reason", "source"]

    /// Reads one suppression: of a `recipient` (on one `channel`, or on all), or of an `address` on its `channel`.
    ///
    /// - Parameters:
    ///   - ref: the suppression.
    ///   - now: when it was ordered.
    /// - Returns: the checked suppression.
    /// - Throws: a problem that names the field.
    public func read(_ ref: JSONRef, now: Instant) throws(IntakeProblem) -> Suppression {
        let fields = FieldReader(limits: limits)
        var recipient: String?
        var channel: Channel?
        var address: String?
        var category: String?
        var reason = Suppression.Reason.manual
        var source = "api"
        for (key, value) in try fields.object(ref, "a suppression") {
            switch key.string {
            case "recipient": recipient = try fields.optionalText(value, atMost: limits.maxIDBytes)
            case "channel": channel = value.isNull ? nil : try fields.channel(value)
            case "address": address = try fields.optionalText(value, atMost: AddressGrammar.maxBytes)
            case "category": category = try fields.optionalName(value)
            case "reason":
                reason = try fields.choice(value, Suppression.Reason.allCases.map(\.rawValue)) {
                    Suppression.Reason(rawValue: $0)
                }
            case "source": source = try fields.text(value, atMost: limits.maxNameBytes)
            default: throw fields.unknownKey(key, known: Self.keys)
            }
        }
        let subject = try SuppressionSubject(recipient: recipient, channel: channel, address: address)
        return Suppression(
            subject: subject.symbol, label: subject.label, reason: reason, channel: subject.scope, category: category,
            source: source, at: now)
    }
}

/// Whom a suppression is about.
public struct SuppressionSubject: Sendable, Hashable {
    /// The subject as the store matches it.
    public let symbol: Symbol
    /// The person's id, or the masked address.
    public let label: String
    /// The one channel for a person; nil: all. An address has its channel in its symbol.
    public let scope: Channel?

    /// Makes the subject of a person (on one channel, or on all) or of an address on its channel.
    public init(recipient: String?, channel: Channel?, address: String?) throws(IntakeProblem) {
        switch (recipient, address) {
        case (let recipient?, nil):
            symbol = .recipient(recipient)
            label = recipient
            scope = channel
        case (nil, let text?):
            guard let channel else {
                throw IntakeProblem(
                    .missingField, field: "channel", message: "An address needs its channel.",
                    expected: "email, sms or push")
            }
            if let complaint = AddressGrammar.complaint(about: text, channel: channel) {
                throw IntakeProblem(
                    .invalidValue, field: "address", message: complaint, expected: AddressGrammar.example(of: channel))
            }
            let address = Address(channel: channel, value: text)
            symbol = address.subject
            label = address.masked
            scope = nil
        case (nil, nil), (_?, _?):
            throw IntakeProblem(
                .missingField, field: "recipient", message: "A suppression is about a recipient or about an address.",
                expected: "either \"recipient\", or \"channel\" and \"address\"")
        }
    }
}
