/// The result of one request in a provider's format: the row to record, and the answer to send if no fault applies.
struct Reception {
    var message: ReceivedMessage
    var answer: HTTPAnswer

    /// A request that the provider accepts.
    init(accepted message: ReceivedMessage, providerID: String, answer: HTTPAnswer) {
        self.message = message
        self.message.providerID = providerID
        self.answer = answer
    }

    /// A request that the provider rejects, with a note for the record.
    init(refused message: ReceivedMessage, _ note: String, answer: HTTPAnswer) {
        self.message = message
        self.message.note = note
        self.answer = answer
    }
}

/// What the provider formats need besides the request.
struct ReceptionContext {
    /// The system clock, in milliseconds.
    let at: Int64
    /// The virtual clock in milliseconds, if one is set.
    let clock: Int64?
    /// 128 unique bits, for the provider's id.
    let identity: (UInt64, UInt64)

    /// The identity as 32 hexadecimal digits.
    var identityHex: String { hex(identity.0, digits: 16) + hex(identity.1, digits: 16) }

    /// A row with the current time.
    func message(_ channel: ReceivedMessage.Channel, provider: String, request: HTTPRequest) -> ReceivedMessage {
        var message = ReceivedMessage(at: at, channel: channel, provider: provider, to: "")
        message.clock = clock
        message.bytes = request.body.count
        return message
    }
}

extension ReceivedMessage {
    /// Reads all hints in the request's headers.
    mutating func takeHints(of request: HTTPRequest) {
        for header in request.headers { takeHint(header: header.name, header.value) }
    }
}
