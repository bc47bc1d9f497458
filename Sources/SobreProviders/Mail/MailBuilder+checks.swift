internal import SobreModel

extension MailBuilder {
    /// Headers that Sobre writes itself, in lower case, and a few that a sender may not set.
    private static let reserved: Set<String> = [
        "date", "from", "to", "cc", "bcc", "sender", "subject", "message-id", "mime-version", "content-type",
        "content-transfer-encoding", "content-disposition", "return-path", "received", "dkim-signature",
    ]
    static let maxHeaders = 50
    static let maxHeaderBytes = 4096

    /// Rejects anything that would make the email invalid: control characters, bad addresses, reserved headers.
    func check(_ content: EmailContent) throws(MailError) {
        try check(from(of: content), field: "From")
        if let replyTo = content.replyTo { try check(replyTo, field: "Reply-To") }
        try checkValue(content.subject, of: "Subject")
        if let url = content.unsubscribeURL { try checkUnsubscribe(url) }
        guard content.headers.count <= Self.maxHeaders else {
            throw .header(name: "list", problem: "there are more than \(Self.maxHeaders) further headers")
        }
        for header in content.headers { try check(header, in: content) }
        for (index, attachment) in content.attachments.enumerated() { try check(attachment, number: index + 1) }
        if content.html == nil, content.text == nil { throw .empty }
    }

    private func check(_ mailbox: Mailbox, field: String) throws(MailError) {
        if let problem = MailAddressGrammar.problem(in: mailbox.address) {
            throw .sender(field: field, problem: problem)
        }
        if let name = mailbox.name { try checkValue(name, of: field) }
    }

    private func checkValue(_ value: String, of name: String) throws(MailError) {
        if value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw .header(name: name, problem: "it holds a control character such as a line end")
        }
        if value.utf8.count > Self.maxHeaderBytes {
            throw .header(name: name, problem: "it is longer than \(Self.maxHeaderBytes) bytes")
        }
    }

    private func check(_ header: EmailContent.Header, in content: EmailContent) throws(MailError) {
        let isName =
            !header.name.isEmpty && header.name.utf8.count <= 76
            && header.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
        guard isName else {
            throw .header(name: "name", problem: "a name is 1 to 76 visible ASCII characters without a colon")
        }
        let lower = header.name.lowercased()
        let isOurs =
            Self.reserved.contains(lower) || lower.hasPrefix("x-sobre-")
            || lower == "reply-to" && content.replyTo != nil
            || lower.hasPrefix("list-unsubscribe") && content.unsubscribeURL != nil
            || lower == "feedback-id" && feedbackID != nil
        if isOurs { throw .header(name: header.name, problem: "Sobre writes this header itself") }
        try checkValue(header.value, of: header.name)
    }

    private func checkUnsubscribe(_ url: String) throws(MailError) {
        let isSound = url.hasPrefix("https://") || url.hasPrefix("http://") || url.hasPrefix("mailto:")
        let isPlain = url.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
        }
        guard isSound, isPlain, url.utf8.count <= 900 else {
            throw .header(
                name: "List-Unsubscribe",
                problem: "it is not an https URL of at most 900 visible ASCII characters without angle brackets")
        }
    }

    private func check(_ attachment: EmailContent.Attachment, number: Int) throws(MailError) {
        if let problem = AttachmentRule.problem(inFilename: attachment.filename) {
            throw .attachment(number: number, problem: "its name \(problem)")
        }
        if let problem = AttachmentRule.problem(inContentType: attachment.contentType) {
            throw .attachment(number: number, problem: "its type \(problem)")
        }
        if let problem = attachment.contentID.flatMap(AttachmentRule.problem(inContentID:)) {
            throw .attachment(number: number, problem: "its content id \(problem)")
        }
    }
}
