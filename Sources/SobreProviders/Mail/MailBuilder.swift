public import Signing
public import SobreDelivery
public import SobreModel

/// Builds the bytes of an email from a rendered message (RFC 5322, RFC 2045–2047, RFC 2231, RFC 8058).
///
/// The same input gives the same bytes, and every attempt has the same Message-ID. Line ends are CRLF and no line has
/// more than 998 characters. All bytes are ASCII, except in addresses with a non-ASCII local part (RFC 6532); such an
/// email needs SMTPUTF8. There is never a Bcc header.
public struct MailBuilder: Sendable {
    /// The channel whose messages are sent as email.
    static let channel = Channel.email

    /// The domain of the Message-ID; nil: that of the sender's address.
    public var messageIDDomain: String?
    /// The sender if the template has none.
    public var defaultFrom: Mailbox?
    /// The Feedback-ID header of Gmail's Postmaster Tools; nil: there is none.
    public var feedbackID: FeedbackID?
    /// Whether X-Sobre-Recipient, X-Sobre-Campaign and X-Sobre-Category are sent in addition to X-Sobre-Id.
    public var hasTraceHeaders: Bool
    /// The largest email in bytes, without its signatures.
    public var maxBytes: Int
    /// Signs the emails of the domains that it has keys for; nil: nothing is signed.
    public var signer: DKIMSigner?

    /// The default of ``maxBytes``, as accepted by large mailbox providers.
    public static let defaultMaxBytes = 25 << 20

    public init(
        messageIDDomain: String? = nil, defaultFrom: Mailbox? = nil, feedbackID: FeedbackID? = nil,
        hasTraceHeaders: Bool = true, maxBytes: Int = MailBuilder.defaultMaxBytes, signer: DKIMSigner? = nil
    ) {
        self.messageIDDomain = messageIDDomain
        self.defaultFrom = defaultFrom
        self.feedbackID = feedbackID
        self.hasTraceHeaders = hasTraceHeaders
        self.maxBytes = maxBytes
        self.signer = signer
    }

    /// Builds the email.
    ///
    /// - Throws: ``MailError`` when an address, a header or an attachment is invalid.
    public func build(_ content: EmailContent, for outbound: OutboundMessage) throws(MailError) -> [UInt8] {
        if let problem = MailAddressGrammar.problem(in: outbound.address.value) { throw .recipient(problem: problem) }
        try check(content)
        let size =
            (content.html?.utf8.count ?? 0) + (content.text?.utf8.count ?? 0)
            + content.attachments.reduce(0) { $0 + $1.byteCount }
        guard size <= maxBytes else { throw .tooLarge(bytes: size, limit: maxBytes) }
        var buffer: [UInt8] = []
        buffer.reserveCapacity(size + size / 2 + 2048)
        var header = MailHeaderWriter(bytes: buffer)
        writeHeader(content, outbound: outbound, to: &header)
        var bytes = header.take()
        MailBody(content: content, boundary: "=_sobre_\(outbound.delivery)").append(to: &bytes)
        guard bytes.count <= maxBytes else { throw .tooLarge(bytes: bytes.count, limit: maxBytes) }
        return try signed(bytes, from: from(of: content), at: outbound.admittedAt)
    }

    /// The email with the signatures of its sender's domain above its header.
    ///
    /// Every attempt has the same time, and thus the same bytes.
    private func signed(_ mail: [UInt8], from: Mailbox, at time: Instant) throws(MailError) -> [UInt8] {
        guard let signer, let domain = MailAddressGrammar.wire(from.address).split(separator: "@").last else {
            return mail
        }
        do {
            let seconds = time.milliseconds.floorDivided(by: 1000)
            return try signer.signatures(of: mail, from: domain, time: seconds) + mail
        } catch {
            throw .signature(problem: "\(error)")
        }
    }

    /// The sender of a message: the template's or the default.
    public func from(of content: EmailContent) -> Mailbox {
        content.from.address.isEmpty ? defaultFrom ?? content.from : content.from
    }

    /// The problem that prevents an email to any recipient, or nil.
    public func problem(in content: EmailContent) -> MailError? {
        do {
            try check(content)
            return nil
        } catch {
            return error
        }
    }

    private func writeHeader(_ content: EmailContent, outbound: OutboundMessage, to header: inout MailHeaderWriter) {
        let from = from(of: content)
        header.plain("Date", MailDate.text(of: outbound.admittedAt))
        header.mailbox("From", from)
        header.plain("To", MailAddressGrammar.wire(outbound.address.value))
        if let replyTo = content.replyTo { header.mailbox("Reply-To", replyTo) }
        header.text("Subject", content.subject)
        let domain =
            messageIDDomain ?? String(MailAddressGrammar.wire(from.address).split(separator: "@").last ?? "localhost")
        header.plain("Message-ID", "<\(outbound.delivery)@\(domain)>")
        if let url = content.unsubscribeURL {
            header.plain("List-Unsubscribe", "<\(url)>")
            header.plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        }
        if let feedbackID { header.text("Feedback-ID", feedbackID.text(for: outbound)) }
        header.plain("X-Sobre-Id", outbound.delivery.description)
        if hasTraceHeaders {
            header.text("X-Sobre-Recipient", outbound.recipient)
            if let campaign = outbound.campaign { header.text("X-Sobre-Campaign", campaign) }
            header.text("X-Sobre-Category", outbound.category)
        }
        if outbound.possibleDuplicate { header.plain("X-Sobre-Possible-Duplicate", "1") }
        for extra in content.headers { header.text(extra.name, extra.value) }
        header.plain("MIME-Version", "1.0")
    }
}
