/// One message as the sandbox received it: a row of `received.ndjson`.
///
/// An email with several recipients has one row for each recipient whose `RCPT TO` was accepted. All rows have the same
/// ``providerID``.
public struct ReceivedMessage: Sendable, Equatable {
    /// The kind of message. ``provider`` is the endpoint that received it.
    public enum Channel: String, Sendable, CaseIterable {
        /// An email, received over SMTP or as a webhook request with this channel.
        case email
        /// A text message, received by the Twilio endpoint or as a webhook request with this channel.
        case sms
        /// A push notification, received by the FCM endpoint or as a webhook request with this channel.
        case push
        /// A chat message, received as a webhook request with this channel.
        case whatsapp
        /// A text for a conversation: a webhook request that says so.
        case chat
        /// A request to the generic webhook without a channel.
        case webhook
    }

    /// The position in the record, starting at 1. The record assigns it.
    public var seq = 0
    /// When the message was received by the system clock, in milliseconds since the Unix epoch.
    public var at: Int64
    /// The virtual time in milliseconds, if one was set through `POST /_sandbox/clock`.
    public var clock: Int64?
    public var channel: Channel
    /// The endpoint that received it: `smtp`, `twilio`, `fcm`, `webhook`.
    public var provider: String
    /// The recipient's ID, from the sender's `X-Sobre-Recipient` or `sobre_recipient`.
    public var person: String?
    /// The address: a mailbox, a phone number, a device token, or the webhook's path.
    public var to: String
    /// The sender.
    public var from: String
    /// An email's subject or a notification's title, at most 200 bytes.
    public var title: String
    /// The beginning of the text, at most 300 bytes.
    public var text: String
    /// The sender's own reference: `X-Sobre-Id`, `sobre_id`, else the `webhook-id` or `Message-ID`.
    public var reference: String?
    /// An email's `Message-ID`.
    public var messageID: String?
    /// The campaign, from `X-Sobre-Campaign` or `sobre_campaign`.
    public var campaign: String?
    /// The category, from `X-Sobre-Category` or `sobre_category`.
    public var category: String?
    /// The sender's `traceparent`, as it came in the header.
    public var trace: String?
    /// The provider ID that the sandbox assigned and returned in its answer.
    public var providerID: String?
    /// The callback URL for the message's receipts. It is not recorded.
    var callback: String?
    /// Whether the sender marked the message as possibly sent before.
    public var possibleDuplicate = false
    /// The injected fault, if any: `429`, `503`, `garbage`, `reset`, `hang`.
    public var fault: String?
    /// The delay of the answer, in milliseconds.
    public var delayMilliseconds = 0
    /// The HTTP or SMTP status that was answered, or would have been.
    public var status = 0
    /// Whether the sandbox accepted the message. Also true when only the answer was garbled or lost.
    public var accepted = false
    /// Whether an answer was sent while the client was still connected.
    public var answered = false
    /// The size of the body or email, in bytes.
    public var bytes = 0
    /// The name of the body's file under `bodies/`, if bodies are stored.
    public var body: String?
    /// Why the message was rejected, or what was unusual about it.
    public var note: String?

    /// The virtual time if one was set, else the real time, in milliseconds since the Unix epoch.
    public var instant: Int64 { clock ?? at }

    /// The limit of ``title``, in bytes.
    static let titleLimit = 200
    /// The limit of ``text`` and ``note``, in bytes.
    static let textLimit = 300
    /// The limit of every other text, in bytes.
    static let fieldLimit = 512

    public init(at: Int64, channel: Channel, provider: String, to: String, from: String = "") {
        self.at = at
        self.channel = channel
        self.provider = provider
        self.to = to
        self.from = from
        title = ""
        text = ""
    }

    /// Truncates every text, so that a row has at most about 8 KB for any input.
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
