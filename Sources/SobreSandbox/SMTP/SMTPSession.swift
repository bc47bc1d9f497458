import Text

/// The state of one SMTP conversation: which commands are allowed and how they are answered (RFC 5321).
///
/// Does no I/O; the connection carries out its decisions. Accepts any credentials. Three addresses at `simulator.test`
/// are rejected, to test bounces: `unknown@` with 550, `full@` with 452, `later@` with 451.
struct SMTPSession {
    /// The most recipients of one email (RFC 5321 §4.5.3.1.8 requires at least 100).
    static let maxRecipients = 1000
    /// The most commands with an error reply before the connection is closed.
    static let maxErrors = 50

    /// The connection's next step.
    enum Action: Equatable {
        /// Send a reply and go on.
        case reply(SMTPReply)
        /// Send a reply and read content.
        case readContent(SMTPReply)
        /// Send a reply and close.
        case close(SMTPReply)
    }

    /// The result of a finished transaction.
    struct Envelope: Equatable {
        var from: String
        var recipients: [String] = []
        /// The fault drawn for this email.
        var roll = FaultDice.Roll.none
        /// The delay of the final reply, in milliseconds.
        var delayMilliseconds = 0
    }

    private let maxBytes: Int
    private var envelope: Envelope?
    private var hasGreeted = false
    private var errors = 0
    private var login = Login.none

    private enum Login {
        case none, plain, user, password
    }

    init(maxBytes: Int) { self.maxBytes = maxBytes }

    /// The greeting.
    static let greeting = SMTPReply(220, "sandbox.test ESMTP Sobre sandbox: nothing is delivered from here")

    /// Answers one line. The dice are used where the fault plan applies.
    mutating func handle(_ line: [UInt8], dice: inout FaultDice, fault: (FaultDice.Roll, Int) -> Void) -> Action {
        if login != .none { return .reply(continueLogin(line)) }
        let action = answer(SMTPCommand(line), dice: &dice, fault: fault)
        if case .reply(let reply) = action, reply.code >= 500 {
            errors += 1
            if errors >= Self.maxErrors { return .close(SMTPReply(421, "4.7.0 Too many errors; goodbye")) }
        }
        return action
    }

    /// A line too long to be a command.
    mutating func handleLongLine() -> Action {
        login = .none
        errors += 1
        return .reply(SMTPReply(500, "5.5.2 Line too long"))
    }

    /// Ends the transaction after its content and returns its envelope.
    mutating func takeEnvelope() -> Envelope? {
        defer { envelope = nil }
        return envelope
    }

    private mutating func answer(
        _ command: SMTPCommand, dice: inout FaultDice, fault: (FaultDice.Roll, Int) -> Void
    ) -> Action {
        switch command {
        case .hello(let isExtended, let name):
            hasGreeted = true
            envelope = nil
            let greeting = "sandbox.test greets \(clipped(name))"
            if !isExtended { return .reply(SMTPReply(250, greeting)) }
            return .reply(
                SMTPReply(
                    250, greeting, "PIPELINING", "8BITMIME", "SIZE \(maxBytes)", "AUTH PLAIN LOGIN", "SMTPUTF8",
                    "ENHANCEDSTATUSCODES", "HELP"))
        case .mail(let from, let size): return beginMail(from: from, size: size, dice: &dice, fault: fault)
        case .recipient(let address): return .reply(addRecipient(address, dice: &dice, fault: fault))
        case .data:
            guard let envelope else { return .reply(SMTPReply(503, "5.5.1 Send MAIL first")) }
            if envelope.recipients.isEmpty { return .reply(SMTPReply(554, "5.5.1 No valid recipients")) }
            return .readContent(SMTPReply(354, "End data with <CR><LF>.<CR><LF>"))
        case .reset:
            envelope = nil
            return .reply(SMTPReply(250, "2.0.0 Ok"))
        case .noop: return .reply(SMTPReply(250, "2.0.0 Ok"))
        case .verify: return .reply(SMTPReply(252, "2.5.0 Send some mail, the sandbox takes it"))
        case .quit: return .close(SMTPReply(221, "2.0.0 Bye"))
        case .auth(let mechanism, let initial): return .reply(beginLogin(mechanism, initial))
        case .bad(let reply): return .reply(reply)
        }
    }

    private mutating func beginMail(
        from: String, size: Int?, dice: inout FaultDice, fault: (FaultDice.Roll, Int) -> Void
    ) -> Action {
        guard hasGreeted else { return .reply(SMTPReply(503, "5.5.1 Send EHLO first")) }
        guard envelope == nil else { return .reply(SMTPReply(503, "5.5.1 One mail at a time; finish it or send RSET")) }
        if let size, size > maxBytes {
            return .reply(SMTPReply(552, "5.3.4 Message size exceeds the limit of \(maxBytes) bytes"))
        }
        let (roll, delay) = dice.roll(.smtp)
        fault(roll, delay)
        if roll == .serviceUnavailable {
            return .close(SMTPReply(421, "4.3.2 The sandbox injects a fault; try again later"))
        }
        envelope = Envelope(from: from, roll: roll, delayMilliseconds: delay)
        return .reply(SMTPReply(250, "2.1.0 Ok"))
    }

    private mutating func addRecipient(
        _ address: String, dice: inout FaultDice, fault: (FaultDice.Roll, Int) -> Void
    ) -> SMTPReply {
        guard let count = envelope?.recipients.count else { return SMTPReply(503, "5.5.1 Send MAIL first") }
        if count >= Self.maxRecipients { return SMTPReply(452, "4.5.3 Too many recipients") }
        if dice.defersRecipient() {
            fault(.recipientDeferred, 0)
            return SMTPReply(451, "4.3.0 The sandbox injects a fault; try again later")
        }
        if address.equalsIgnoringASCIICase("unknown@simulator.test") { return SMTPReply(550, "5.1.1 User unknown") }
        if address.equalsIgnoringASCIICase("full@simulator.test") { return SMTPReply(452, "4.2.2 Mailbox full") }
        if address.equalsIgnoringASCIICase("later@simulator.test") { return SMTPReply(451, "4.3.0 Try again later") }
        envelope?.recipients.append(address)
        return SMTPReply(250, "2.1.5 Ok")
    }

    private mutating func beginLogin(_ mechanism: String, _ initial: String?) -> SMTPReply {
        let isLogin = mechanism.equalsIgnoringASCIICase("LOGIN")
        guard isLogin || mechanism.equalsIgnoringASCIICase("PLAIN") else {
            return SMTPReply(504, "5.5.4 Mechanism unknown; choose PLAIN or LOGIN")
        }
        guard let initial else {
            login = isLogin ? .user : .plain
            return SMTPReply(334, isLogin ? "VXNlcm5hbWU6" : "")
        }
        login = isLogin ? .user : .plain
        return continueLogin(Array(initial.utf8))
    }

    private mutating func continueLogin(_ line: [UInt8]) -> SMTPReply {
        let step = login
        login = .none
        if line == [UInt8(ascii: "*")] { return SMTPReply(501, "5.7.0 Authentication cancelled") }
        guard line == [UInt8(ascii: "=")] || Base64.decodeAny(line) != nil else {
            return SMTPReply(501, "5.5.2 That is not base64")
        }
        if step == .user {
            login = .password
            return SMTPReply(334, "UGFzc3dvcmQ6")
        }
        return SMTPReply(235, "2.7.0 Authentication successful")
    }
}
