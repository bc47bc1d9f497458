public import SobreModel

/// What an email says that came back: a bounce, a complaint, or another notice about an email that we sent.
public struct MailReport: Hashable, Sendable {
    /// What kind of email it is.
    public enum Kind: String, CaseIterable, Sendable {
        /// The email was not delivered.
        case bounce
        /// The email is still being tried.
        case delayed
        /// The email was delivered, or passed on to a system that reports nothing.
        case delivered
        /// The recipient reported the email as unwanted (RFC 5965).
        case complaint
        /// The recipient asks for no more (the older feedback type `opt-out`).
        case unsubscribe
        /// An automatic answer, such as that somebody is away.
        case autoReply = "auto_reply"
        /// A report that asks for nothing: a failed authentication, or that an email is not spam.
        case notice
        /// Something else. A person has to read it.
        case other
    }

    /// What it says of one recipient.
    public struct Recipient: Hashable, Sendable {
        /// The address that failed; nil if it is not named.
        public var address: String?
        /// The enhanced status, such as `5.1.1`; nil if there is none.
        public var status: String?
        /// The words that say why, without line ends.
        public var reason: String
        /// What the words and the status mean, as for a reply of the relay.
        public var verdict: Outcome.Kind

        /// Whether it is proven that the mailbox does not exist or is closed for good.
        public var isGone: Bool { verdict == .recipientInvalid }
    }

    public var kind: Kind
    /// The recipients; not empty for a bounce.
    public var recipients: [Recipient]
    /// The feedback type of a complaint, such as `abuse`; nil for other kinds.
    public var feedbackType: String?
    /// The delivery that the returned email names; nil if it names none.
    public var reference: DeliveryID?
    /// What the token of the return path says.
    public var token: ReturnPath.Token
    /// The subject, on one line.
    public var subject: String
    /// The address in From; empty if there is none.
    public var sender: String
    /// The first words of its text, on one line.
    public var words: String
    /// Identifies the email, so that a repetition is recognised.
    public var digest: String
}
