public import JSON
public import SobreModel

/// An SMS that somebody sent to us.
public struct InboundSMS: Sendable, Hashable {
    /// Who sent it, in E.164 form.
    public var from: String
    /// To which of our numbers.
    public var to: String?
    public var text: String
    /// Who handed it to us.
    public var provider: String?
    /// When the provider got it.
    public var receivedAt: Instant?

    /// Makes a message from its parts.
    public init(from: String, to: String? = nil, text: String, provider: String? = nil, receivedAt: Instant? = nil) {
        self.from = from
        self.to = to
        self.text = text
        self.provider = provider
        self.receivedAt = receivedAt
    }

    /// Reads `{"from", "to", "text", "provider", "received_at"}`.
    ///
    /// - Parameters:
    ///   - ref: the message.
    ///   - limits: the bounds.
    /// - Throws: a problem that names the field.
    public init(_ ref: JSONRef, limits: IntakeLimits = IntakeLimits()) throws(IntakeProblem) {
        let fields = FieldReader(limits: limits)
        var from: String?
        var text: String?
        self.init(from: "", text: "")
        for (key, value) in try fields.object(ref, "an SMS such as {\"from\": \"+12025550123\", \"text\": \"STOP\"}") {
            switch key.string {
            case "from": from = try fields.text(value, atMost: AddressGrammar.maxBytes, "a number such as +12025550123")
            case "to": to = try fields.optionalText(value, atMost: AddressGrammar.maxBytes)
            case "text":
                guard let words = value.string else { throw fields.wrongType(value, "a text") }
                text = words
            case "provider": provider = try fields.optionalName(value)
            case "received_at": receivedAt = try fields.optionalInstant(value)
            default:
                throw fields.unknownKey(key, known: ["from", "to", "text", "provider", "received_at"])
            }
        }
        guard let from else { throw fields.missing("from", in: ref, "the number that sent it") }
        guard let text else { throw fields.missing("text", in: ref, "what it says") }
        self.from = from
        self.text = text
        try check()
    }

    /// Reads the fields of a form as Twilio posts it: `From`, `To`, `Body`.
    public init(form fields: [String: String]) throws(IntakeProblem) {
        guard let from = fields["From"], let body = fields["Body"] else {
            throw IntakeProblem(
                .missingField, field: fields["From"] == nil ? "From" : "Body", message: "The form lacks a field.",
                expected: "From, To and Body")
        }
        self.init(from: from, to: fields["To"], text: body, provider: "twilio")
        try check()
    }

    private func check() throws(IntakeProblem) {
        if let complaint = AddressGrammar.complaint(about: from, channel: .sms) {
            throw IntakeProblem(
                .invalidValue, field: "from", message: complaint, expected: AddressGrammar.example(of: .sms))
        }
    }

    /// Who says so, for the record.
    var source: String { provider.map { "sms:\($0)" } ?? "sms" }

    /// What the record keeps of it: the words, without line breaks and bounded.
    var evidence: String {
        let words = text.unicodeScalars.prefix(160).map { isControl($0) ? " " : Character($0) }
        let target = to.map { " to \(Address(channel: .sms, value: $0).masked)" } ?? ""
        return "SMS\(target): \(String(words))"
    }
}
