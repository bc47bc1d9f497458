internal import SobreModel

/// Complaints: feedback reports (RFC 5965), and those of providers that write none.
enum ComplaintReader {
    /// - Parameters:
    ///   - root: the email.
    ///   - parts: all its parts.
    ///   - returned: the email that it is about.
    /// - Returns: nil if the email is no complaint.
    static func read(_ root: MIMEPart, _ parts: [MIMEPart], _ returned: ReturnedEmail) -> MailReport? {
        if let part = parts.first(where: { feedbackTypes.contains($0.type) }) {
            return report(DeliveryStatus(String(decoding: part.decoded, as: UTF8.self)), returned)
        }
        // A report whose type says so, with the fields in a text part.
        if root.type == "multipart/report", root.reportType == "feedback-report",
            let text = parts.first(where: { $0.parts.isEmpty && $0.text.lowercased().contains("feedback-type:") })
        {
            return report(DeliveryStatus(text.text), returned)
        }
        guard isComplaint(root, parts) else { return nil }
        return report(type: "abuse", root["x-hmxmroriginalrecipient"].flatMap(BounceText.address), returned)
    }

    private static let feedbackTypes: Set = ["message/feedback-report", "text/feedback-report"]

    /// Microsoft's Junk Mail Reporting Program returns the email without a feedback report, and so do some
    /// smaller providers.
    private static func isComplaint(_ root: MIMEPart, _ parts: [MIMEPart]) -> Bool {
        if root["x-hmxmroriginalrecipient"] != nil { return true }
        guard parts.contains(where: \.isEmail) else { return false }
        let subject = root.decodedSubject.lowercased()
        return ["complaint about message", "abuse report", "feedback report", "spam complaint", "spam report"]
            .contains { subject.contains($0) }
    }

    private static func report(_ fields: DeliveryStatus, _ returned: ReturnedEmail) -> MailReport {
        // The fields are one group; a receiver may have put empty lines between them.
        var all = fields.message
        for group in fields.recipients { for (name, value) in group.fields { all.add(name, value) } }
        let address =
            ["original-rcpt-to", "removal-recipient", "final-recipient", "original-recipient"].lazy
            .compactMap { all.typed($0).flatMap(BounceText.address) }.first
        return report(type: all["feedback-type"]?.lowercased() ?? "abuse", address, returned)
    }

    private static func report(type: String, _ address: String?, _ returned: ReturnedEmail) -> MailReport {
        let word = String(type.prefix { $0.isLetter || $0 == "-" || $0 == "_" })
        let kind: MailReport.Kind =
            switch word {
            case "not-spam", "auth-failure", "dmarc": .notice
            case "opt-out", "opt-out-list", "unsubscribe": .unsubscribe
            default: .complaint
            }
        let recipient = MailReport.Recipient(
            address: address ?? returned.recipient, status: nil, reason: word, verdict: .recipientUnsubscribed)
        return MailReport(kind: kind, recipients: [recipient], feedbackType: word)
    }
}
