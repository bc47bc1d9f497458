/// The SMTP exchange for one message on a ready connection, as a state machine: takes replies, returns steps. Does no
/// I/O.
///
/// With PIPELINING (RFC 2920), MAIL, RCPT and DATA are sent together and their replies arrive in order. Otherwise
/// each waits for the reply to the one before. The message is sent only after a 354 with at least one recipient
/// accepted.
struct SMTPConversation {
    /// What to do next.
    enum Step: Equatable {
        /// Wait for the next reply.
        case wait
        /// Send these commands, then wait.
        case send([UInt8])
        /// Send the message, or only its end marker if `empty` is true, then wait.
        case sendMessage(empty: Bool)
        /// The message has an outcome.
        case finish(MailOutcome)
    }

    private enum Command: Equatable {
        case reset, sender
        case recipient(Int)
        case data, message
    }

    private let from: String
    private let recipients: [String]
    private let parameters: String
    private let pipelines: Bool
    private var pending: [Command] = []
    private var next = 0
    private var senderReply: SMTPReply?
    private var acceptedCount = 0
    private var refused: [RefusedRecipient] = []

    /// Whether the transaction was left unfinished, so that the next one must begin with RSET.
    private(set) var needsReset = false

    /// Whether the server is closing the connection.
    private(set) var closes = false

    /// A conversation for a message of `size` bytes, using the server's capabilities.
    init(
        from: String, recipients: [String], size: Int, hasEightBit: Bool, needsUTF8: Bool,
        capabilities: SMTPCapabilities
    ) {
        self.from = from
        self.recipients = recipients
        pipelines = capabilities.pipelining
        var parameters = ""
        if capabilities.size { parameters += " SIZE=\(size)" }
        if hasEightBit, capabilities.eightBitMIME { parameters += " BODY=8BITMIME" }
        if needsUTF8, capabilities.smtpUTF8 { parameters += " SMTPUTF8" }
        self.parameters = parameters
    }

    /// The first commands.
    mutating func start(afterReset: Bool) -> [UInt8] {
        var commands: [UInt8] = []
        if afterReset { commands += command(.reset) }
        commands += command(.sender)
        guard pipelines else { return commands }
        for index in recipients.indices { commands += command(.recipient(index)) }
        return commands + command(.data)
    }

    /// Handles the reply to the oldest unanswered command.
    mutating func receive(_ reply: SMTPReply) -> Step {
        guard next < pending.count else { return .wait }
        let command = pending[next]
        next += 1
        if reply.code == 421 {
            closes = true
            return .finish(.rejected(stage(of: command), reply))
        }
        switch command {
        case .reset:
            guard !reply.isPositive else { return .wait }
            closes = true
            return .finish(.rejected(.sender, reply))
        case .sender:
            senderReply = reply
            needsReset = reply.isPositive
            guard !pipelines else { return .wait }
            return reply.isPositive ? .send(self.command(.recipient(0))) : .finish(.rejected(.sender, reply))
        case .recipient(let index):
            return receive(reply, toRecipient: index)
        case .data:
            return receiveToData(reply)
        case .message:
            needsReset = false
            if let earlier { return .finish(earlier) }
            guard reply.isPositive else { return .finish(.rejected(.message, reply)) }
            return .finish(.accepted(reply, queueID: reply.queueID, refused: refused))
        }
    }

    private mutating func receive(_ reply: SMTPReply, toRecipient index: Int) -> Step {
        if reply.isPositive {
            acceptedCount += 1
        } else {
            refused.append(RefusedRecipient(address: recipients[index], reply: reply))
        }
        guard !pipelines else { return .wait }
        guard index + 1 == recipients.count else { return .send(command(.recipient(index + 1))) }
        if let earlier { return .finish(earlier) }
        return .send(command(.data))
    }

    private mutating func receiveToData(_ reply: SMTPReply) -> Step {
        guard reply.code == 354 else { return .finish(earlier ?? .rejected(.data, reply)) }
        pending.append(.message)
        // A server that asks for the message although it refused all recipients gets an empty one (RFC 2920 §3.1).
        return .sendMessage(empty: earlier != nil)
    }

    /// The rejection that is already certain before DATA is answered.
    private var earlier: MailOutcome? {
        if let senderReply, !senderReply.isPositive { return .rejected(.sender, senderReply) }
        if acceptedCount == 0, let first = refused.first { return .rejected(.recipient, first.reply) }
        return nil
    }

    private func stage(of command: Command) -> MailStage {
        switch command {
        case .reset, .sender: .sender
        case .recipient: .recipient
        case .data: .data
        case .message: .message
        }
    }

    private mutating func command(_ command: Command) -> [UInt8] {
        pending.append(command)
        switch command {
        case .reset: return Array("RSET\r\n".utf8)
        case .sender: return Array("MAIL FROM:<\(from)>\(parameters)\r\n".utf8)
        case .recipient(let index): return Array("RCPT TO:<\(recipients[index])>\r\n".utf8)
        case .data: return Array("DATA\r\n".utf8)
        case .message: return []
        }
    }
}
