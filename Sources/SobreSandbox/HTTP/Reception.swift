/// What a provider's shape makes of one request: the row to record, and the answer that would go out without faults.
struct Reception {
    var message: ReceivedMessage
    var answer: HTTPAnswer

    /// A request that the provider takes.
    init(accepted message: ReceivedMessage, providerID: String, answer: HTTPAnswer) {
        self.message = message
        self.message.providerID = providerID
        self.answer = answer
    }

    /// A request that the provider refuses, with a note for the record.
    init(refused message: ReceivedMessage, _ note: String, answer: HTTPAnswer) {
        self.message = message
        self.message.note = note
        self.answer = answer
    }
}

/// What the shapes need to know besides the request.
struct ReceptionContext {
    /// The system clock, in milliseconds.
    let at: Int64
    /// The virtual clock, in milliseconds, when one is set.
    let clock: Int64?
    /// 128 bits that no other message has, for the provider's id.
    let identity: (UInt64, UInt64)

    /// The identity as 32 hexadecimal digits.
    var identityHex: String { hex(identity.0, digits: 16) + hex(identity.1, digits: 16) }

    /// A row of this instant.
    func message(_ channel: ReceivedMessage.Channel, provider: String, request: HTTPRequest) -> ReceivedMessage {
        var message = ReceivedMessage(at: at, channel: channel, provider: provider, to: "")
        message.clock = clock
        message.bytes = request.body.count
        return message
    }
}

extension ReceivedMessage {
    /// Takes all hints that stand in the request's headers.
    mutating func takeHints(of request: HTTPRequest) {
        for header in request.headers { takeHint(header: header.name, header.value) }
    }
}
