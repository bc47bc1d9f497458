internal import SobreDelivery
internal import SobreModel

extension SMTPProvider {
    /// What a relay's reply means for the message and for the relay.
    ///
    /// - Parameters:
    ///   - answer: the relay's reply.
    ///   - recipient: removed from the text that is logged.
    ///   - senderIsSetting: whether the envelope sender comes from the settings. Its rejection then applies to every
    ///     email. Otherwise a template named it, and only that template's emails are affected.
    ///   - fromIsSetting: the same for the address in From, which the relay sees with the content; nil means the same.
    /// - Returns: the outcome with the relay's text, redacted.
    static func outcome(
        of answer: MailAnswer, recipient: String, senderIsSetting: Bool = false, fromIsSetting: Bool? = nil
    ) -> Outcome {
        switch answer {
        case .accepted(_, _, let queueID):
            return Outcome(.accepted, providerID: queueID)
        case .failure(let fault):
            return Outcome(fault: fault)
        case .rejected(let stage, let code, let enhanced, let text):
            let words = ReplyWords(text, recipient: recipient)
            let isAfterContent = stage == .data || stage == .final
            let refusal = SMTPRefusal(
                stage: stage, code: code, enhanced: enhanced, words: words,
                senderIsSetting: isAfterContent ? fromIsSetting ?? senderIsSetting : senderIsSetting)
            let line = Redaction.line(
                "\(stage.rawValue): \(code)\(enhanced.map { " \($0)" } ?? "") \(text)", hiding: recipient)
            var outcome = Outcome(refusal.kind, detail: line)
            // Before the content, and with a sender that all emails share, only the recipient can differ.
            if stage == .rcpt, senderIsSetting, outcome.kind == .permanentUnknown {
                outcome.commonCause = KeyHash("\(code) \(words.text)")
            }
            return outcome
        }
    }
}
