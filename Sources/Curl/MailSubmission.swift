/// One message for one mail server.
public struct MailSubmission: Sendable {
    /// The most recipients of one message (RFC 5321 §4.5.3.1.8).
    public static let maxRecipients = 100

    /// The server to send the message to.
    public var server: SMTPServer

    /// The envelope sender, an address without angle brackets. Empty for messages that must not bounce.
    public var from: String

    /// The envelope recipients, addresses without angle brackets; at least one, at most ``maxRecipients``.
    public var recipients: [String]

    /// The message: header, empty line, body. Lines end in CR LF. Dot-stuffing and the end marker are added when it
    /// is sent.
    public var data: [UInt8]

    /// The longest time to connect, complete the TLS handshake and log in.
    public var connectTimeout: Duration

    /// The longest time from `submit` to the final reply, including the wait for a connection.
    public var totalTimeout: Duration

    /// Asked on the loop's thread before the first command, and again before the message's text. After false the message
    /// is not handed over: it fails with ``TransferFailure/Reason/notPermitted``. Nil: it may always begin.
    public var mayBegin: (@Sendable () -> Bool)?

    /// A message with the default bounds: 10 s to connect, 60 s in total.
    public init(
        server: SMTPServer, from: String, recipients: [String], data: [UInt8],
        connectTimeout: Duration = .seconds(10), totalTimeout: Duration = .seconds(60),
        mayBegin: (@Sendable () -> Bool)? = nil
    ) {
        self.mayBegin = mayBegin
        self.server = server
        self.from = from
        self.recipients = recipients
        self.data = data
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
    }

    /// Throws when an address could end its command early or when the text could end the message early.
    ///
    /// - Throws: ``TransferFailure`` with ``TransferFailure/Reason/invalidRequest``.
    public func validate() throws(TransferFailure) {
        try server.validate()
        guard !recipients.isEmpty, recipients.count <= Self.maxRecipients else {
            throw .invalid("A message has 1 to \(Self.maxRecipients) recipients, not \(recipients.count).")
        }
        for address in recipients {
            guard Self.isSafe(address), address.utf8.contains(UInt8(ascii: "@")) else {
                throw .invalid(
                    "A recipient address is not of the form local@domain without blanks, control characters, < and >.")
            }
        }
        guard from.isEmpty || Self.isSafe(from) else {
            throw .invalid("The sender address holds a blank, a control character, < or >, or is too long.")
        }
        guard totalTimeout > .zero, connectTimeout > .zero else {
            throw .invalid("A timeout is not positive; give a positive one.")
        }
    }

    /// Whether an address cannot end its command or begin another (RFC 5321 §4.1.2; 254 bytes by RFC 3696 erratum
    /// 1690).
    private static func isSafe(_ address: String) -> Bool {
        let bytes = address.utf8
        return !bytes.isEmpty && bytes.count <= 254
            && bytes.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") }
    }
}
