internal import SobreDelivery
internal import SobreModel

/// Classifies a relay's negative reply by its stage, code and enhanced status, and by its text where a status has
/// several meanings (RFC 5321 §4.2.3, RFC 3463, RFC 4954, RFC 7372, RFC 7505).
///
/// The consequence depends on who is at fault. If it is our login or reputation at the relay (`auth`) or our
/// configuration (`config`), the relay is paused and its emails are held. If it is this email's sender or content, only
/// this email fails. If it is the recipient's mailbox, only this address is affected. Only the first kind pauses or
/// slows the relay, so that neither a bad address nor one bad template stops other emails.
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
        // A relay that answers the end of data with another code may have accepted the email.
        default: stage == .final ? .ambiguous : .transient
        }
    }

    /// A 4xx proves that the email was not accepted.
    private var temporary: Outcome.Kind {
        // A fault of the recipient or greylisting says nothing about the relay.
        if stage == .rcpt { return .recipientDeferred }
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

    /// The meaning of a status that does not depend on the stage; nil when the stage decides.
    private func meaning(of status: EnhancedStatus) -> Outcome.Kind? {
        let isContent = stage == .final || stage == .data
        switch (status.subject, status.detail) {
        case (7, 8), (7, 9), (7, 11), (7, 12), (7, 13), (7, 14): return .auth
        case (7, 25): return .configuration  // our machine has no reverse DNS name
        // SPF, DKIM and DMARC are checked for the domain of this email's sender.
        case (7, 20...27): return senderFault
        case (7, 60): return senderFault  // Exchange: no permission to send as this sender
        case (1, 7), (1, 8): return senderFault
        case (2, 1), (2, 2), (2, 4): return .recipientUnreachable
        case (2, 3), (3, 4): return .contentTooLarge
        case (6, 7): return stage == .mail ? .contentRejected : .recipientUnreachable  // not ASCII (RFC 6531)
        case (1, _) where stage != .mail: return .recipientInvalid
        case (6, _) where isContent: return .contentRejected
        case (7, _) where isContent: return blames(.client) ? .configuration : .contentRejected
        default: return nil
        }
    }

    private var senderFault: Outcome.Kind { senderIsSetting ? .configuration : .contentRejected }

    /// The meaning of a rejected MAIL command without a specific status.
    private var refusedSender: Outcome.Kind {
        switch code {
        case 552: return .contentTooLarge
        // Unknown commands or parameters, or no mail service at all. These affect every email.
        case 500, 502, 503, 504, 521, 555: return .configuration
        case 554: return blames(.sender) ? senderFault : .configuration
        default: return blames(.client) ? .configuration : senderFault
        }
    }

    /// The meaning of a rejected recipient without an enhanced status.
    private var bareRecipientRefusal: Outcome.Kind {
        switch code {
        case 550, 551, 553, 556: .recipientInvalid
        case 552: .recipientUnreachable
        default: .permanentUnknown
        }
    }

    // MARK: - Reply text

    /// The party that the text of a reply blames, in the wording of Postfix, Exim, Sendmail and Exchange. They report
    /// faults of the client and the sender only at RCPT, all with the status 5.7.1.
    private enum Blamed {
        /// We may not send through this relay.
        case relaying
        /// Our machine, or the name in its EHLO.
        case client
        /// The envelope sender.
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

    /// Whether the text blames a party. Quoted addresses are ignored.
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
