/// A server's reply: one code and the text of all its lines.
public struct SMTPReply: Sendable, Equatable {
    /// The three-digit code (RFC 5321 §4.2).
    public let code: Int

    /// The enhanced status code, such as `5.1.1` (RFC 3463); nil when the server gives none.
    public let enhancedStatus: String?

    /// The text without codes; lines joined by a space, at most 1,024 bytes.
    public let text: String

    var isPositive: Bool { code / 100 == 2 }
}

/// Where in the conversation a message was rejected.
public enum MailStage: Sendable, Equatable {
    /// The sender: MAIL FROM.
    case sender
    /// Every recipient: RCPT TO.
    case recipient
    /// The DATA command, before the message.
    case data
    /// The message itself, after its end.
    case message
}

/// A recipient that the server refused while it took the message for others.
public struct RefusedRecipient: Sendable, Equatable {
    /// The address as submitted.
    public let address: String

    /// Why.
    public let reply: SMTPReply
}

/// What became of a message.
public enum MailOutcome: Sendable, Equatable {
    /// The server took responsibility, for all recipients but the refused ones. `queueID` is its name for the message,
    /// when the reply holds one.
    case accepted(SMTPReply, queueID: String?, refused: [RefusedRecipient])

    /// The server said no: for now (4xx) or for good (5xx).
    case rejected(MailStage, SMTPReply)

    /// There is no answer; ``TransferFailure/delivery`` says what to conclude.
    ///
    /// Not sent: the connection failed, or was lost before the end of the message went out. Unknown: it was lost, or
    /// silent, after that. Configuration: TLS, AUTH or the server's address.
    case failed(TransferFailure)
}

/// How a submission ended. Every submission gets exactly one.
public struct MailResult: Sendable {
    /// The id that `submit` returned.
    public let id: TransferID

    /// What became of the message.
    public let outcome: MailOutcome

    /// The time the message waited for a connection to be free or opened.
    public let waitTime: Duration

    /// The time from the first command to the end, without `waitTime`.
    public let totalTime: Duration
}
