/// A server's reply: one code and the text of all its lines.
public struct SMTPReply: Sendable, Equatable {
    /// The three-digit code (RFC 5321 §4.2).
    public let code: Int

    /// The enhanced status code, such as `5.1.1` (RFC 3463); nil when the server gives none.
    public let enhancedStatus: String?

    /// The text without codes, its lines joined by a space, at most 1,024 bytes.
    public let text: String

    var isPositive: Bool { code / 100 == 2 }
}

/// The stage of the SMTP exchange at which a message was rejected.
public enum MailStage: Sendable, Equatable {
    /// Before any message: the greeting, EHLO or STARTTLS.
    case connection
    /// AUTH.
    case login
    /// The sender: MAIL FROM.
    case sender
    /// Every recipient: RCPT TO.
    case recipient
    /// The DATA command, before the message.
    case data
    /// The message itself, after its end.
    case message
}

/// A recipient that the server refused although it accepted the message for others.
public struct RefusedRecipient: Sendable, Equatable {
    /// The address as submitted.
    public let address: String

    /// The server's reason.
    public let reply: SMTPReply
}

/// The outcome of a message.
public enum MailOutcome: Sendable, Equatable {
    /// The server took responsibility for all recipients except the refused ones. `queueID` is the server's id of the
    /// message, if the reply contains one.
    case accepted(SMTPReply, queueID: String?, refused: [RefusedRecipient])

    /// The server rejected the message, temporarily (4xx) or permanently (5xx).
    case rejected(MailStage, SMTPReply)

    /// There is no reply; ``TransferFailure/delivery`` says what to conclude.
    ///
    /// `notSent`: the connection failed, or was lost before the end of the message was sent. `unknown`: it was lost
    /// or timed out after that. `configuration`: TLS, AUTH or the server's address is wrong.
    case failed(TransferFailure)
}

/// How a submission ended. Every submission gets exactly one.
public struct MailResult: Sendable {
    /// The id that `submit` returned.
    public let id: TransferID

    /// The outcome of the message.
    public let outcome: MailOutcome

    /// The time the message waited for a connection to become free or to be opened.
    public let waitTime: Duration

    /// The time from the first command to the outcome, without `waitTime`.
    public let totalTime: Duration
}
