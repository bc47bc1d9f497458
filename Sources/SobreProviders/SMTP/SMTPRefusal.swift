internal import SobreDelivery
internal import SobreModel

/// A relay's definite no, read by where it came, its code, its enhanced status and, where these are one for several
/// meanings, its words (RFC 5321 §4.2.3, RFC 3463, RFC 4954, RFC 7372, RFC 7505).
///
/// Who is to blame decides what follows. Our login or standing with the relay (`auth`), or how we speak to it (`config`):
/// it is paused and its mails are held. This mail's sender or words: this mail fails. The recipient's mailbox: this address
/// is done. Only the first kind pauses or slows the relay, so that neither a bad address nor one bad template stops the others.
struct SMTPRefusal {
    let stage: MailAnswer.Stage
    let code: Int
    let status: EnhancedStatus?
    let text: String
    let senderIsSetting: Bool

    var kind: Outcome.Kind {
        switch code {
        case 400..<500: temporary
        case 500..<600: permanent
        // A relay that answers the end of data with neither has perhaps taken the mail.
        default: stage == .final ? .ambiguous : .transient
        }
    }

    /// A 4xx proves that the mail was not taken.
    private var temporary: Outcome.Kind {
        // The recipient's own trouble or greylisting says nothing about the relay.
        if stage == .rcpt { return .recipientDeferred }
        switch (status?.subject, status?.detail) {
        case (1, 7), (1, 8): return .contentDeferred  // the sender's domain cannot be looked up now
        case (2, _): return .recipientDeferred  // a full mailbox
        // 454 4.7.0: the login cannot be checked now. With 421 the relay turns us away, else it dislikes these words.
        case (7, _):
            if code == 454 { return .transient }
            return code == 421 || stage == .mail ? .throttled : .contentDeferred
        case (3, 1), (3, 2), (5, 3): return .throttled
        default: return code == 452 || code == 450 ? .throttled : .transient
        }
    }

    private var permanent: Outcome.Kind {
        if [530, 534, 535, 538].contains(code) { return .auth }
        if let status, status.class == 5, let kind = meaning(of: status) { return kind }
        if blames(.relaying) { return .auth }
        switch stage {
        case .mail: return refusedSender
        case .rcpt:
            if blames(.client) { return .configuration }
            if blames(.sender) { return senderFault }
            return status == nil ? bareRecipientRefusal : .permanentUnknown
        case .data, .final:
            if code == 552 { return .contentTooLarge }
            return code == 550 || code == 554 ? .contentRejected : .permanentUnknown
        }
    }

    /// What a status says wherever it comes; nil where the stage decides.
    private func meaning(of status: EnhancedStatus) -> Outcome.Kind? {
        let isContent = stage == .final || stage == .data
        switch (status.subject, status.detail) {
        case (7, 8), (7, 9), (7, 11), (7, 12), (7, 13), (7, 14): return .auth
        case (7, 25): return .configuration  // no reverse name of our machine
        // SPF, DKIM and DMARC are judged by the domain that this mail names as its sender.
        case (7, 20...27): return senderFault
        case (7, 60): return senderFault  // Exchange: no permission to send as this sender
        case (1, 7), (1, 8): return senderFault
        case (2, 1), (2, 2), (2, 4): return .recipientUnreachable
        case (2, 3), (3, 4): return .contentTooLarge
        case (6, 7): return stage == .mail ? .contentRejected : .recipientUnreachable  // beyond ASCII (RFC 6531)
        case (1, _) where stage != .mail: return .recipientInvalid
        case (6, _) where isContent: return .contentRejected
        case (7, _) where isContent: return blames(.client) ? .configuration : .contentRejected
        default: return nil
        }
    }

    private var senderFault: Outcome.Kind { senderIsSetting ? .configuration : .contentRejected }

    /// A no to MAIL that names no reason of its own.
    private var refusedSender: Outcome.Kind {
        switch code {
        case 552: return .contentTooLarge
        // Commands or parameters that the relay does not know, or no mail service at all: true for every mail.
        case 500, 502, 503, 504, 521, 555: return .configuration
        case 554: return blames(.sender) ? senderFault : .configuration
        default: return blames(.client) ? .configuration : senderFault
        }
    }

    /// What a refused recipient means where the relay gives no enhanced status.
    private var bareRecipientRefusal: Outcome.Kind {
        switch code {
        case 550, 551, 553, 556: .recipientInvalid
        case 552: .recipientUnreachable
        default: .permanentUnknown
        }
    }

    // MARK: - words

    /// Whom the words of a refusal name, as Postfix, Exim, Sendmail and Exchange put it. They delay what they think of the
    /// client and the sender until RCPT, under the same 5.7.1.
    private enum Blamed {
        /// We may not send through this relay.
        case relaying
        /// Our machine, or the name that it greets with.
        case client
        /// The envelope's sender.
        case sender

        var phrases: [String] {
            switch self {
            case .relaying:
                [
                    "relay access denied", "relaying denied", "relay not permitted", "unable to relay",
                    "not permitted to relay", "relaying not allowed",
                ]
            case .client: ["client host rejected", "helo command rejected", "client was not authenticated"]
            case .sender: ["sender address rejected", "sender verify failed", "sender rejected"]
            }
        }
    }

    /// Whether the words, less the addresses that they repeat, name somebody.
    private func blames(_ blamed: Blamed) -> Bool {
        var words = ""
        var depth = 0
        for character in text.lowercased().unicodeScalars {
            if character == "<" { depth += 1 }
            if depth == 0 { words.unicodeScalars.append(character) }
            if character == ">" { depth = max(depth - 1, 0) }
        }
        return blamed.phrases.contains { words.contains($0) }
    }
}
