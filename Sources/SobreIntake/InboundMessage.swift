public import JSON
public import SobreModel
public import SobreSettings

/// A message from a recipient, on a channel with opt-out keywords (``Channel/acceptsOptOutKeywords``).
public struct InboundMessage: Sendable, Hashable {
    public var channel: Channel
    /// The sender's address, in the channel's format.
    public var from: String
    /// Our address that received it.
    public var to: String?
    public var text: String
    /// The provider that delivered it to us.
    public var provider: String?
    /// When the provider received it.
    public var receivedAt: Instant?

    public init(
        channel: Channel, from: String, to: String? = nil, text: String, provider: String? = nil,
        receivedAt: Instant? = nil
    ) {
        self.channel = channel
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
    ///   - channel: the channel of the message.
    ///   - limits: the limits of texts.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    public init(
        _ ref: JSONRef, channel: Channel, limits: IntakeLimits = IntakeLimits()
    ) throws(IntakeProblem) {
        let fields = FieldReader(limits: limits)
        var from: String?
        var text: String?
        self.init(channel: channel, from: "", text: "")
        for (key, value) in try fields.object(ref, "a message such as {\"from\": \"+12025550123\", \"text\": \"STOP\"}")
        {
            switch key.string {
            case "from":
                from = try fields.text(value, atMost: AddressGrammar.maxBytes, AddressGrammar.example(of: channel))
            case "to": to = try fields.optionalText(value, atMost: AddressGrammar.maxBytes)
            case "text":
                guard let words = value.string else { throw fields.wrongType(value, "a string") }
                text = words
            case "provider": provider = try fields.optionalName(value)
            case "received_at": receivedAt = try fields.optionalInstant(value)
            default:
                throw fields.unknownKey(key, known: ["from", "to", "text", "provider", "received_at"])
            }
        }
        guard let from else { throw fields.missing("from", in: ref, "the address that sent it") }
        guard let text else { throw fields.missing("text", in: ref, "the text of the message") }
        self.from = from
        self.text = text
        try check()
    }

    /// Reads the fields of a form in Twilio's format: `From`, `To`, `Body`. For channels other than SMS, Twilio
    /// prefixes addresses with the channel, such as `whatsapp:+12025550123`.
    ///
    /// - Parameters:
    ///   - fields: the fields of the form.
    ///   - channel: on which the message came.
    ///   - provider: who handed it over, where that is proven; nil: Twilio, by the form.
    /// - Throws: a problem that names the field.
    public init(form fields: [String: String], channel: Channel, from provider: String? = nil) throws(IntakeProblem) {
        guard let from = fields["From"], let body = fields["Body"] else {
            throw IntakeProblem(
                .missingField, field: fields["From"] == nil ? "From" : "Body", message: "The form lacks a field.",
                expected: "From, To and Body")
        }
        func address(_ text: String) -> String {
            text.hasPrefix("\(channel):") ? String(text.dropFirst(channel.description.count + 1)) : text
        }
        self.init(
            channel: channel, from: address(from), to: fields["To"].map(address), text: body,
            provider: provider ?? "twilio")
        try check()
    }

    /// The message with its addresses in the format of the channel.
    ///
    /// - Throws: a problem with the sender's address.
    public func checked() throws(IntakeProblem) -> InboundMessage {
        var message = self
        try message.check()
        return message
    }

    /// Carriers write numbers with and without "+", with "00", and with spaces and punctuation.
    private mutating func check() throws(IntakeProblem) {
        if channel.addressKind == .phoneNumber {
            from = AddressGrammar.normalisedNumber(from)
            to = to.map(AddressGrammar.normalisedNumber)
        }
        if let problem = AddressGrammar.problem(with: from, channel: channel) {
            throw IntakeProblem(
                .invalidValue, field: "from", message: problem, expected: AddressGrammar.example(of: channel))
        }
    }

    /// The source of a suppression or lifting, for the history.
    var source: String { provider.map { "\(channel):\($0)" } ?? channel.description }

    /// The evidence for the history: the first 160 characters of the text, without control characters.
    var evidence: String {
        let target = to.map { " to \(Address(channel: channel, value: $0).masked)" } ?? ""
        return "\(channel.title)\(target): \(words)"
    }

    /// The words on one line, bounded.
    var words: String { String(text.unicodeScalars.prefix(160).map { NameRule.isControl($0) ? " " : Character($0) }) }
}
