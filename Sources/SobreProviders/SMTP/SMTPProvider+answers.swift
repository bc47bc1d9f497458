internal import SobreDelivery
internal import SobreModel

/// What a relay's answers mean (RFC 5321 §4.2.3, RFC 3463, RFC 7372, RFC 7505).
extension SMTPProvider {
    static func outcome(of answer: MailAnswer, recipient: String) -> Outcome {
        switch answer {
        case .accepted(_, _, let queueID):
            return Outcome(.accepted, providerID: queueID)
        case .failure(let fault):
            return Outcome(fault: fault)
        case .rejected(let stage, let code, let enhanced, let text):
            let kind = kind(stage: stage, code: code, enhanced: EnhancedStatus(enhanced))
            let line = Redaction.line(
                "\(stage.rawValue): \(code)\(enhanced.map { " \($0)" } ?? "") \(text)", hiding: recipient)
            return Outcome(kind, detail: line)
        }
    }

    private static func kind(stage: MailAnswer.Stage, code: Int, enhanced: EnhancedStatus?) -> Outcome.Kind {
        switch code {
        case 400..<500: temporary(stage: stage, code: code, enhanced: enhanced)
        case 500..<600: permanent(stage: stage, code: code, enhanced: enhanced)
        // A relay that answers the end of data with neither has perhaps taken the mail.
        default: stage == .final ? .ambiguous : .transient
        }
    }

    /// A 4xx proves that the mail was not taken.
    private static func temporary(
        stage: MailAnswer.Stage, code: Int, enhanced: EnhancedStatus?
    ) -> Outcome.Kind {
        // The recipient's own trouble or greylisting says nothing about the relay: it must not open the breaker.
        if stage == .rcpt { return .throttled }
        if code == 452 || code == 450 { return .throttled }
        if let enhanced,
            enhanced.subject == 7 && code != 454 || enhanced.is(3, 1) || enhanced.is(3, 2) || enhanced.is(5, 3)
        {
            return .throttled
        }
        return .transient
    }

    private static func permanent(
        stage: MailAnswer.Stage, code: Int, enhanced: EnhancedStatus?
    ) -> Outcome.Kind {
        if [530, 534, 535, 538].contains(code) { return .auth }
        if let enhanced, enhanced.`class` == 5 {
            switch (enhanced.subject, enhanced.detail) {
            case (7, 8), (7, 9), (7, 11), (7, 12), (7, 13), (7, 14): return .auth
            // The mail's or the relay's own credentials: SPF, DKIM, DMARC, reverse DNS (RFC 7372).
            case (7, 20...27): return .configuration
            case (1, 7), (1, 8): return .configuration
            case (2, 1), (2, 2), (2, 4): return .recipientUnreachable
            case (2, 3), (3, 4): return .contentTooLarge
            case (1, _) where stage != .mail: return .recipientInvalid
            case (6, _) where stage == .final || stage == .data: return .contentRejected
            case (7, _) where stage == .final || stage == .data: return .contentRejected
            default: break
            }
        }
        switch stage {
        // Who sends is our own setting.
        case .mail: return code == 552 ? .contentTooLarge : .configuration
        case .rcpt: return enhanced == nil ? bareRecipientRefusal(code) : .permanentUnknown
        case .data, .final:
            if code == 552 { return .contentTooLarge }
            return code == 550 || code == 554 ? .contentRejected : .permanentUnknown
        }
    }

    /// What a refused recipient means where the relay gives no enhanced status.
    private static func bareRecipientRefusal(_ code: Int) -> Outcome.Kind {
        switch code {
        case 550, 551, 553, 556: .recipientInvalid
        case 552: .recipientUnreachable
        default: .permanentUnknown
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

    /// Whether subject and detail are these.
    func `is`(_ subject: Int, _ detail: Int) -> Bool { self.subject == subject && self.detail == detail }
}
