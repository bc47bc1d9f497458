internal import SobreDelivery
internal import SobreModel

extension SMTPProvider {
    /// What a relay's reply means for the message and for the relay.
    ///
    /// - Parameters:
    ///   - answer: the relay's reply.
    ///   - recipient: removed from the text that is logged.
    ///   - senderIsSetting: whether the envelope sender is this provider's own setting. Its rejection then applies to
    ///     every email. Otherwise a template named it, and only that template's emails are affected.
    /// - Returns: the outcome with the relay's text, redacted.
    static func outcome(of answer: MailAnswer, recipient: String, senderIsSetting: Bool = false) -> Outcome {
        switch answer {
        case .accepted(_, _, let queueID):
            return Outcome(.accepted, providerID: queueID)
        case .failure(let fault):
            return Outcome(fault: fault)
        case .rejected(let stage, let code, let enhanced, let text):
            let refusal = SMTPRefusal(
                stage: stage, code: code, status: EnhancedStatus(enhanced), text: text, senderIsSetting: senderIsSetting
            )
            let line = Redaction.line(
                "\(stage.rawValue): \(code)\(enhanced.map { " \($0)" } ?? "") \(text)", hiding: recipient)
            return Outcome(refusal.kind, detail: line)
        }
    }
}

/// An enhanced status such as `5.1.1` (RFC 3463).
struct EnhancedStatus: Hashable {
    let `class`: Int
    let subject: Int
    let detail: Int

    init?(_ text: String?) {
        guard let parts = text?.split(separator: "."), parts.count == 3, let first = Int(parts[0]),
            let second = Int(parts[1]), let third = Int(parts[2])
        else { return nil }
        `class` = first
        subject = second
        detail = third
    }

    /// Whether subject and detail have these values.
    func `is`(_ subject: Int, _ detail: Int) -> Bool { self.subject == subject && self.detail == detail }
}
