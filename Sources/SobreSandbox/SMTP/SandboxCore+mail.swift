extension SandboxCore {
    /// Accepts one email: records a row for each recipient, and replies according to its roll once the rows are
    /// written.
    func receive(
        _ content: [UInt8], length: Int, bareLineFeeds: Int, envelope: SMTPSession.Envelope,
        on connection: SMTPConnection
    ) {
        let context = receptionContext()
        let queueID = String(context.identityHex.prefix(16)).uppercased()
        var message = ReceivedMessage(at: context.at, channel: .email, provider: "smtp", to: "", from: envelope.from)
        message.clock = context.clock
        message.bytes = length
        MailSummary.read(content, into: &message)
        let isTooLong = length > configuration.maxBodyBytes
        if isTooLong {
            message.note = "longer than \(configuration.maxBodyBytes) bytes"
        } else {
            message.providerID = queueID
            if bareLineFeeds > 0 { message.note = "\(bareLineFeeds) line feeds without carriage return" }
        }
        message.status = isTooLong ? 552 : 250
        message.accepted = !isTooLong
        message.fault = envelope.roll.name
        let isSilent = envelope.roll == .reset || envelope.roll == .hang
        message.delayMilliseconds = isSilent ? 0 : envelope.delayMilliseconds
        message.answered = !isSilent && connection.isOpen
        count(envelope.roll, delay: message.delayMilliseconds)

        let rows = envelope.recipients.map { recipient in
            var row = message
            row.to = recipient
            return row
        }
        record(rows, body: content) { result in
            guard case .recorded(let messages) = result else {
                let reply = SMTPReply(451, "4.3.0 The sandbox cannot write its record and did not accept the message")
                connection.finish(reply, delayMilliseconds: 0) { _ in }
                return
            }
            switch envelope.roll {
            case .reset: connection.reset()
            case .hang: connection.hang()
            default:
                let reply =
                    isTooLong
                    ? SMTPReply(552, "5.3.4 Message size exceeds the limit of \(self.configuration.maxBodyBytes) bytes")
                    : SMTPReply(250, "2.0.0 Ok: queued as \(queueID)")
                connection.finish(reply, delayMilliseconds: message.delayMilliseconds) { sent in
                    if !sent { self.amendUnanswered(messages) }
                }
            }
        }
    }
}
