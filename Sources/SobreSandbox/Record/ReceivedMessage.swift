/// One message as the far end saw it: a row of `received.ndjson`.
///
/// A mail with several recipients is one row for each recipient whose `RCPT TO` was accepted, all with the same
/// ``providerID``.
public struct ReceivedMessage: Sendable, Equatable {
    /// What kind of message it is; ``provider`` says the way it came.
    public enum Channel: String, Sendable, CaseIterable {
        /// A mail: over SMTP, or a webhook request that says so.
        case email
        /// A text message: through the Twilio-shaped endpoint, or a webhook request that says so.
        case sms
        /// A push notification: through the FCM-shaped endpoint, or a webhook request that says so.
        case push
        /// A chat message: a webhook request that says so.
        case whatsapp
        /// A request to the generic webhook that names no channel.
        case webhook
    }

    /// The position in the record, from 1; assigned by the record itself.
    public var seq = 0
    /// When it was received by the system clock, in milliseconds since the Unix epoch.
    public var at: Int64
    /// The virtual time in milliseconds, when one was set through `POST /_sandbox/clock`.
    public var clock: Int64?
    /// What kind of message it is.
    public var channel: Channel
    /// Which shape received it: `smtp`, `twilio`, `fcm`, `webhook`.
    public var provider: String
    /// The person it was for, as the sender named it in `X-Sobre-Recipient` or `sobre_recipient`.
    public var person: String?
    /// The address: a mailbox, a phone number, a device token, or the webhook's path.
    public var to: String
    /// The sender.
    public var from: String
    /// A mail's subject or a notification's title, at most 200 bytes.
    public var title: String
    /// The beginning of the text, at most 300 bytes.
    public var text: String
    /// The sender's own reference: `X-Sobre-Id`, `sobre_id`, else the `webhook-id` or `Message-ID`.
    public var reference: String?
    /// A mail's `Message-ID`.
    public var messageID: String?
    /// The campaign, from `X-Sobre-Campaign` or `sobre_campaign`.
    public var campaign: String?
    /// The category, from `X-Sobre-Category` or `sobre_category`.
    public var category: String?
    /// The id that the sandbox gave it, as the sender could read it in the answer.
    public var providerID: String?
    /// Where the sender wants to hear what became of it; not recorded.
    var callback: String?
    /// Whether the sender said that it may have sent this before.
    public var possibleDuplicate = false
    /// The fault that hit it, if any: `429`, `503`, `garbage`, `reset`, `hang`.
    public var fault: String?
    /// How late the answer was made, in milliseconds.
    public var delayMilliseconds = 0
    /// The status that was, or would have been, answered: HTTP or SMTP.
    public var status = 0
    /// Whether the far end took the message: true also when only the answer was garbled or lost.
    public var accepted = false
    /// Whether an answer went out to a connection that was still there.
    public var answered = false
    /// The size of the body or mail, in bytes.
    public var bytes = 0
    /// The name of the body's file under `bodies/`, when bodies are kept.
    public var body: String?
    /// Why it was refused, or what was odd about it.
    public var note: String?

    /// The instant that counts: virtual if one was set, else real; milliseconds since the Unix epoch.
    public var instant: Int64 { clock ?? at }

    /// The limit of ``title``, in bytes.
    static let titleLimit = 200
    /// The limit of ``text`` and ``note``, in bytes.
    static let textLimit = 300
    /// The limit of every other text, in bytes.
    static let fieldLimit = 512

    /// A row with the fields that every message has.
    public init(at: Int64, channel: Channel, provider: String, to: String, from: String = "") {
        self.at = at
        self.channel = channel
        self.provider = provider
        self.to = to
        self.from = from
        title = ""
        text = ""
    }

    /// Bounds every text, so that a row stays under about 8 KB whatever was sent.
    mutating func clip() {
        to = excerpt(to, limit: Self.fieldLimit)
        from = excerpt(from, limit: Self.fieldLimit)
        title = excerpt(title, limit: Self.titleLimit)
        text = excerpt(text, limit: Self.textLimit)
        person = person.map { excerpt($0, limit: Self.fieldLimit) }
        reference = reference.map { excerpt($0, limit: Self.fieldLimit) }
        messageID = messageID.map { excerpt($0, limit: Self.fieldLimit) }
        campaign = campaign.map { excerpt($0, limit: Self.fieldLimit) }
        category = category.map { excerpt($0, limit: Self.fieldLimit) }
        note = note.map { excerpt($0, limit: Self.textLimit) }
    }
}
