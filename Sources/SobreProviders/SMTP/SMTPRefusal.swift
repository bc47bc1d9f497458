internal import SobreDelivery
internal import SobreModel

/// Classifies a relay's negative reply by its stage, code and enhanced status, and by the evidence in its words (RFC
/// 5321 §4.2.2, RFC 3463, RFC 4954, RFC 7372, RFC 7505).
///
/// The consequence depends on who is at fault. If it is our login or reputation at the relay (`auth`), our
/// configuration (`config`) or our allowance there (`quota`, `throttled`), the relay is paused or slowed and its emails
/// wait. If it is this email's sender or content, only this email fails. If it is the recipient's mailbox, only this
/// address is affected, and it is suppressed only on positive evidence that the mailbox does not exist. A permanent
/// refusal without evidence fails this email alone.
struct SMTPRefusal {
    let stage: MailAnswer.Stage
    let code: Int
    let status: EnhancedStatus?
    let evidence: ReplyEvidence
    let senderIsSetting: Bool

    /// Reads a reply.
    ///
    /// - Parameters:
    ///   - stage: where the relay gave it.
    ///   - code: its code.
    ///   - enhanced: its enhanced status, if the relay announces these; otherwise one in the words counts.
    ///   - words: its words.
    ///   - senderIsSetting: whether every email of this relay has this sender.
    init(stage: MailAnswer.Stage, code: Int, enhanced: String?, words: ReplyWords, senderIsSetting: Bool) {
        self.stage = stage
        self.code = code
        self.senderIsSetting = senderIsSetting
        evidence = ReplyEvidence(in: words)
        status = EnhancedStatus(enhanced) ?? words.status.flatMap { $0.class == code / 100 ? $0 : nil }
    }

    var kind: Outcome.Kind {
        switch code {
        case 400..<500: temporary
        case 500..<600: permanent
        // A relay that answers the end of data with another code may have accepted the email.
        default: stage == .final ? .ambiguous : .transient
        }
    }

    private func has(_ kinds: ReplyEvidence) -> Bool { !evidence.isDisjoint(with: kinds) }

    private func isStatus(_ subject: Int, _ detail: Int) -> Bool { status?.is(subject, detail) == true }

    // MARK: - 4xx

    /// A 4xx proves that the email was not accepted.
    private var temporary: Outcome.Kind {
        if has(.busy), !has(.limit) { return stage == .rcpt ? .recipientDeferred : .contentDeferred }
        if has(.limit) { return .quota }
        if has([.rate, .client]), !has([.full, .unknown]) { return .throttled }
        switch stage {
        case .connect: return code == 421 ? .throttled : .transient
        case .login: return .transient
        // A fault of the recipient or greylisting says nothing about the relay.
        case .rcpt: return isStatus(3, 1) || isStatus(3, 2) ? .throttled : .recipientDeferred
        case .mail, .data, .final: break
        }
        switch (status?.subject, status?.detail) {
        case (1, 7), (1, 8): return .contentDeferred  // the sender's domain cannot be looked up now
        case (2, _): return .recipientDeferred  // a full mailbox
        // 454 4.7.0: the login cannot be checked now. With 421 the relay limits us; otherwise it objects to this
        // content.
        case (7, _):
            if code == 454 { return .transient }
            return code == 421 || stage == .mail ? .throttled : .contentDeferred
        case (3, 1), (3, 2), (5, 3): return .throttled
        default: return code == 452 || code == 450 ? .throttled : .transient
        }
    }

    // MARK: - 5xx

    private var permanent: Outcome.Kind {
        if [530, 534, 535, 538].contains(code) { return .auth }
        if stage == .connect || stage == .login { return beforeMail }
        if let kind = byWordsAboutUs ?? byStatusAboutUs { return kind }
        if stage == .mail { return refusedSender }
        return aboutMailbox ?? aboutEmail ?? unexplained
    }

    /// A refused connection or login concerns every email.
    private var beforeMail: Outcome.Kind {
        if has(.limit) { return .quota }
        if has(.rate) { return .throttled }
        return stage == .login || has(.login) ? .auth : .configuration
    }

    /// What the words say about us or about the sender; nil if they blame neither.
    private var byWordsAboutUs: Outcome.Kind? {
        if has(.authentication) { return senderFault }
        if has(.limit) { return .quota }
        // What a mailbox holds or receives is no matter of ours.
        if has(.rate), !has([.full, .busy]) { return .throttled }
        // A recipient's own rules concern this recipient.
        guard !has(.restricted) else { return nil }
        if has(.login), !namesMailbox { return .auth }
        if has(.link), isAfterContent { return .contentRejected }
        if has(.sender) {
            if stage == .mail { return nil }
            return has(.unknown) && namesMailbox ? nil : senderFault
        }
        guard has(.client) else { return nil }
        // Two kinds of evidence that contradict each other are none.
        return has([.unknown, .closed]) || namesMailbox ? .recipientUnreachable : .configuration
    }

    private var byStatusAboutUs: Outcome.Kind? {
        guard let status, status.class == 5 else { return nil }
        switch (status.subject, status.detail) {
        case (7, 8), (7, 9), (7, 11), (7, 12), (7, 13), (7, 14): return .auth
        case (7, 25): return .configuration  // no reverse name of our machine
        // SPF, DKIM and DMARC depend on the domain that this email has as its sender.
        case (7, 20...27): return senderFault
        case (7, 60): return senderFault  // Exchange: no permission to send as this sender
        case (1, 7), (1, 8): return senderFault
        default: return nil
        }
    }

    private var isAfterContent: Bool { stage == .final || stage == .data }

    /// Whether the status alone says that the mailbox or its domain does not exist.
    private var namesMailbox: Bool {
        guard let status, status.class == 5, status.subject == 1 else { return false }
        return [1, 2, 3, 6, 10].contains(status.detail)
    }

    /// What the reply says about the recipient's mailbox; nil if nothing.
    private var aboutMailbox: Outcome.Kind? {
        if has(.busy) { return .recipientDeferred }
        if has([.full, .restricted, .suspended]) { return .recipientUnreachable }
        if has([.unknown, .closed]) || namesMailbox { return .recipientInvalid }
        // IronPort and Exchange say no more than this of a mailbox that does not exist.
        if has(.address), isStatus(1, 0) || isStatus(4, 1) { return .recipientInvalid }
        if code == 556 { return .recipientInvalid }  // the domain takes no email (RFC 7504)
        if has(.domain) { return isStatus(1, 0) || isStatus(4, 4) ? .recipientInvalid : .recipientUnreachable }
        guard let status, status.class == 5 else { return nil }
        switch (status.subject, status.detail) {
        case (1, _), (2, 1), (2, 2), (2, 4): return .recipientUnreachable
        default: return nil
        }
    }

    /// What the reply says about this email; nil if nothing.
    private var aboutEmail: Outcome.Kind? {
        if has(.size) { return .contentTooLarge }
        if isAfterContent, has(.content) { return .contentRejected }
        guard let status, status.class == 5 else { return nil }
        switch (status.subject, status.detail) {
        case (2, 3), (3, 4): return .contentTooLarge
        case (6, 7): return .recipientUnreachable  // non-ASCII (RFC 6531)
        case (6, _), (7, _): return isAfterContent ? .contentRejected : nil
        default: return nil
        }
    }

    /// A permanent refusal without evidence: this email fails.
    private var unexplained: Outcome.Kind {
        guard isAfterContent else { return code == 552 && status == nil ? .recipientUnreachable : .permanentUnknown }
        if code == 552 { return .contentTooLarge }
        return code == 550 || code == 554 ? .contentRejected : .permanentUnknown
    }

    private var senderFault: Outcome.Kind { senderIsSetting ? .configuration : .senderRejected }

    /// A permanent refusal of MAIL without further reason.
    private var refusedSender: Outcome.Kind {
        if isStatus(6, 7) { return .contentRejected }
        if has(.size) || isStatus(2, 3) || isStatus(3, 4) { return .contentTooLarge }
        switch code {
        case 552: return .contentTooLarge
        // Commands or parameters that the relay does not know, or no mail service at all: true for every email.
        case 500, 502, 503, 504, 521, 555: return .configuration
        case 554: return has(.sender) ? senderFault : .configuration
        default: return senderFault
        }
    }
}
