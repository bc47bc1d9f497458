import SobreDelivery
import SobreModel
import Testing

@testable import SobreProviders

/// Replies of real mail servers, by the stage at which they come, and who is to blame for each. The codes and the short
/// phrases are facts: RFC 5321, RFC 3463, RFC 7505, the defaults of Postfix, Exim, Sendmail, qmail and Exchange, and what
/// large providers publish about their errors. Addresses and names are made up.
@Suite("Refusals of real mail servers")
struct SMTPRefusalFormsTests {
    /// Who is to blame, and so what follows.
    enum Blame: String {
        /// Our standing, our login or our machine: the relay pauses, and its emails are held.
        case us
        /// Our allowance: the relay slows or pauses, and its emails wait.
        case pace
        /// This email's sender: this email fails.
        case sender
        /// This email's content or size: this email fails.
        case content
        /// The mailbox does not exist: this email fails, and the address is suppressed.
        case mailbox
        /// The recipient, without proof that the mailbox is gone: this email fails, nobody is suppressed.
        case recipient
        /// Nobody by evidence: this email fails.
        case nobody
        /// The same may be accepted later.
        case later

        init(_ kind: Outcome.Kind) {
            self =
                switch kind {
                case .auth, .configuration: .us
                case .quota, .throttled: .pace
                case .senderRejected: .sender
                case .contentRejected, .contentTooLarge: .content
                case .recipientInvalid: .mailbox
                case .recipientUnreachable: .recipient
                case .recipientDeferred, .contentDeferred, .transient: .later
                default: .nobody
                }
        }
    }

    /// `stage blame code [status] words`, one a line.
    static let forms = """
        connect us 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org
        connect us 554 mx.example.net ESMTP not accepting connections from your IP
        connect us 550 No reverse DNS entry (PTR) for 192.0.2.9, see your provider
        connect us 554-mx.example.org Your access to this mail system has been rejected due to poor reputation
        connect us 504 5.5.2 need fully-qualified hostname
        connect pace 421 4.7.0 Too many concurrent SMTP connections from this address; try later
        connect pace 421 4.3.2 Service not available
        connect later 451 4.3.0 Temporary local problem, please try later
        login us 535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6
        login us 534 5.7.9 Application-specific password required
        login us 550 5.7.1 Account disabled
        login later 454 4.7.0 Temporary authentication failure
        login pace 421 4.7.0 Too many login attempts, slow down
        mail us 530 5.7.0 Must issue a STARTTLS command first
        mail us 550 5.7.1 Client was not authenticated
        mail us 554 5.7.1 <h[192.0.2.9]>: Client host rejected: Access denied
        mail pace 550 5.4.5 Daily user sending limit exceeded
        mail pace 452 4.3.2 Connection rate limit exceeded
        mail pace 421 4.7.28 Gmail has detected an unusual rate of email originating from your SPF domain
        mail sender 553 5.1.8 <shop@nowhere.example>: Sender address rejected: Domain not found
        mail sender 550 5.7.1 <shop@example.org>: Sender address rejected: not owned by user relay1
        mail sender 553 5.7.1 You are not allowed to send as this sender
        mail content 552 5.3.4 Message size exceeds fixed limit
        rcpt pace 550 Domain larkspur.example has exceeded the max emails per hour (100/100 (100%)) allowed. Message discarded.
        rcpt pace 550 5.7.1 Hourly sending quota of user relay1 reached
        rcpt pace 454 4.7.0 Throttling failure: Daily message quota exceeded.
        rcpt pace 454 Throttling failure: Maximum sending rate exceeded.
        rcpt pace 451 4.7.1 Too many messages from your account, please slow down
        rcpt pace 452 4.5.3 Too many recipients received this hour
        rcpt pace 550 You have exceeded your messaging limits
        rcpt pace 421 4.7.0 [TSS04] Messages from 192.0.2.9 temporarily deferred due to unexpected volume or user complaints
        rcpt pace 450 4.7.1 Client host rejected: cannot find your reverse hostname, [192.0.2.9]
        rcpt pace 550 Too many invalid recipients
        rcpt us 554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using bl.spamcop.net
        rcpt us 550 5.7.1 Access denied, banned sending IP [192.0.2.9]
        rcpt us 550 192.0.2.9 is listed at dnsbl.example.net
        rcpt us 550 https://www.spamhaus.org/query/ip/192.0.2.9
        rcpt us 550 5.2.1 Mailbox unavailable. Your IP address 192.0.2.9 is blacklisted using XBL
        rcpt us 550 5.7.1 Mail from your server is refused because of its reputation
        rcpt us 550 permanent failure for one or more recipients (ann@example.org:blocked)
        rcpt us 504 5.5.2 <box>: Helo command rejected: need fully-qualified hostname
        rcpt us 550 5.7.25 The IP address sending this message does not have a PTR record setup
        rcpt us 554 5.7.1 <ann@example.org>: Relay access denied
        rcpt us 550 5.7.1 Unable to relay for ann@example.org
        rcpt us 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
        rcpt us 550 Please turn on SMTP Authentication in your mail client
        rcpt us 550 5.7.1 relaying denied. Proper authentication required.
        rcpt us 550 Your account has been suspended for sending
        rcpt us 553 5.7.1 <shop@example.org>: Sender address rejected: not logged in
        rcpt sender 550 5.7.1 Envelope sender is not allowed
        rcpt sender 550 Sender verify failed
        rcpt sender 550 5.7.1 Sender blocked
        rcpt sender 550 SPF check failed
        rcpt mailbox 550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown in local recipient table
        rcpt mailbox 550 <ann@example.org>: Recipient address rejected: User unknown in virtual mailbox table
        rcpt mailbox 550-5.1.1 The email account that you tried to reach does not exist. Please try double-checking
        rcpt mailbox 550 5.1.1 <ann@example.org>... User unknown
        rcpt mailbox 550 no such user here
        rcpt mailbox 550 Unrouteable address
        rcpt mailbox 550 sorry, no mailbox here by that name. (#5.1.1)
        rcpt mailbox 553 5.3.0 <ann@example.org>... No such user
        rcpt mailbox 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.org not found by SMTP address lookup
        rcpt mailbox 550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
        rcpt mailbox 550 #5.1.0 Address rejected.
        rcpt mailbox 554 delivery error: dd This user doesn't have a example.org account (ann@example.org)
        rcpt mailbox 550 ann@example.org does not exist
        rcpt mailbox 550 Invalid recipient
        rcpt mailbox 550 5.7.1 Unknown recipient
        rcpt mailbox 550 User ann@example.org (ann@example.org) not listed in Domino Directory
        rcpt mailbox 550 That person is not our customer: mailbox not found
        rcpt mailbox 556 5.1.10 Recipient address has a null MX
        rcpt mailbox 550 5.1.2 <ann@exmaple.org>: Recipient address rejected: Domain not found
        rcpt mailbox 550 5.2.1 The email account that you tried to reach is disabled
        rcpt mailbox 554 5.2.1 Inactive user
        rcpt mailbox 550 5.1.6 The recipient has moved
        rcpt mailbox 550 Destinataire inconnu
        rcpt mailbox 550 Utilisateur inconnu !
        rcpt mailbox 550 Empfänger unbekannt
        rcpt mailbox 550 Unbekannter Benutzer
        rcpt mailbox 550 No existe ese usuario
        rcpt mailbox 550 Usuario desconocido
        rcpt mailbox 550 Utente sconosciuto
        rcpt mailbox 550 Usuário inexistente
        rcpt mailbox 550 Gebruiker onbekend
        rcpt mailbox 550 Пользователь не найден
        rcpt mailbox 550 用户不存在
        rcpt recipient 552 5.2.2 The recipient's inbox is out of storage space
        rcpt recipient 550 Mailbox is full
        rcpt recipient 552 Requested mail action aborted: user is over quota
        rcpt recipient 550 5.2.1 mailbox temporarily disabled
        rcpt recipient 550 User suspended
        rcpt recipient 550 5.7.1 You have been blocked by the recipient
        rcpt recipient 550 5.7.1 RESOLVER.RST.AuthRequired; authentication required
        rcpt nobody 550 5.7.1 Message rejected due to local policy
        rcpt nobody 550 Requested action not taken: mailbox unavailable
        rcpt nobody 550 Administrative prohibition
        rcpt nobody 554 5.7.1 <ann@example.org>: Recipient address rejected: Access denied
        rcpt nobody 550 5.0.0 Command rejected
        rcpt nobody 571 Delivery not possible
        rcpt later 450 4.2.0 <ann@example.org>: Recipient address rejected: Greylisted, see http://postgrey.example/help
        rcpt later 451 4.7.1 Greylisting in action, please come back later
        rcpt later 452 4.2.2 The email account that you tried to reach is over quota
        rcpt later 450 4.2.1 The user you are trying to contact is receiving mail too quickly
        rcpt later 451 Temporary local problem - please try later
        rcpt later 450 4.1.2 <ann@exmaple.org>: Recipient address rejected: Domain not found
        data us 554 5.7.1 Client host rejected: Access denied
        data content 554 5.7.1 Message refused
        final pace 552 5.7.0 Sending limit of 500 messages per day reached
        final pace 451 4.7.1 You have reached your rate limit
        final us 554 5.7.1 Mail from 192.0.2.9 rejected using dnsbl.example.net: bad reputation
        final us 550 5.7.1 The IP you're using to send mail has a poor reputation
        final us 550 5.7.9 Authentication mechanism too weak
        final sender 550 5.7.26 Unauthenticated email from example.org is not accepted due to domain's DMARC policy
        final sender 554 Message rejected: Email address is not verified.
        final content 550 5.7.1 Our system has detected that this message is likely unsolicited mail
        final content 554 5.7.1 Message content rejected
        final content 550 spam message rejected
        final content 554 5.6.0 Message contains a virus
        final content 552 5.3.4 Message too big for system
        final content 550 5.7.1 This message is not RFC 5322 compliant
        final content 554 5.7.1 A URL in this email is listed on an URIBL
        final mailbox 550 5.1.1 User unknown
        final recipient 552 5.2.2 Mailbox full
        final later 451 4.3.0 Queue file write error
        final later 450 4.7.1 Greylisted
        """.split(separator: "\n").map(String.init)

    @Test(arguments: forms)
    func `a refusal blames whom its words and codes blame`(form: String) throws {
        let parts = form.split(separator: " ", maxSplits: 2)
        let stage = try #require(MailAnswer.Stage(rawValue: String(parts[0])))
        let code = try #require(Int(parts[2].prefix(3)))
        let reply = parts[2].dropFirst(4)
        let first = reply.prefix { $0 != " " }
        let enhanced = EnhancedStatus(String(first)) == nil ? nil : String(first)
        let text = enhanced == nil ? String(reply) : String(reply.dropFirst(first.count + 1))
        let outcome = SMTPProvider.outcome(
            of: .rejected(stage: stage, code: code, enhanced: enhanced, text: text), recipient: "ann@example.org")
        #expect(Blame(outcome.kind).rawValue == parts[1], "\(outcome.kind.rawValue)")
    }

    @Test func `there are at least sixty forms, at every stage and for every blame`() {
        #expect(Self.forms.count >= 60)
        #expect(Set(Self.forms.map { $0.prefix { $0 != " " } }).count == MailAnswer.Stage.allCases.count)
    }

    @Test(arguments: ["spamhaus", "blacklist", "relay", "quota", "unknown", "user", "limit", "dnsbl"])
    func `what a recipient is called decides nothing`(name: String) {
        for recipient in ["\(name)@example.org", "ann@\(name).example"] {
            for text in ["<\(recipient)>: refused", "\(recipient): refused", "(\(recipient)) refused"] {
                let answer = MailAnswer.rejected(stage: .rcpt, code: 550, enhanced: nil, text: text)
                #expect(SMTPProvider.outcome(of: answer, recipient: recipient).kind == .permanentUnknown, "\(text)")
            }
            let unknown = MailAnswer.rejected(stage: .rcpt, code: 550, enhanced: "5.1.1", text: "\(recipient) unknown")
            #expect(SMTPProvider.outcome(of: unknown, recipient: recipient).kind == .recipientInvalid)
        }
    }

    @Test func `a refusal without a reason has a cause that other recipients may share`() {
        func cause(_ text: String, to recipient: String, senderIsSetting: Bool = true) -> KeyHash? {
            let answer = MailAnswer.rejected(stage: .rcpt, code: 550, enhanced: nil, text: text)
            return SMTPProvider.outcome(of: answer, recipient: recipient, senderIsSetting: senderIsSetting).commonCause
        }
        let first = cause("<a@one.example> not today (4711)", to: "a@one.example")
        #expect(first != nil)
        #expect(first == cause("<b@two.example> not today (4712)", to: "b@two.example"))
        #expect(first != cause("<b@two.example> not tomorrow", to: "b@two.example"))
        // With a sender of its own, the template may be the cause.
        #expect(cause("not today", to: "a@one.example", senderIsSetting: false) == nil)
        #expect(cause("user unknown", to: "a@one.example") == nil)
    }
}
