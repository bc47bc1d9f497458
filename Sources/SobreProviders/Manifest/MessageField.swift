internal import SobreModel

/// The texts of a message that a manifest can name; the raw value is the path.
enum TextField: String, CaseIterable, Sendable {
    case id
    case attempt
    case recipient
    case campaign
    case category
    case channel
    /// The configured name of the provider.
    case instance
    /// The URL for receipts with our reference in its query; absent when the instance has no `callback_url`.
    case callback
    /// Seconds since 1970, now.
    case timestamp
    /// When the message was admitted, RFC 3339.
    case admittedAt = "admitted_at"
    /// `true`, or absent.
    case possibleDuplicate = "possible_duplicate"

    case to = "msg.to"
    case platform = "msg.platform"
    case from = "msg.from"
    case fromAddress = "msg.from.address"
    case fromName = "msg.from.name"
    case text = "msg.text"
    case subject = "msg.subject"
    case preheader = "msg.preheader"
    case html = "msg.html"
    case unsubscribeURL = "msg.unsubscribe_url"
    case title = "msg.title"
    case body = "msg.body"
    case link = "msg.link"
    case image = "msg.image"
    case collapse = "msg.collapse"

    /// The channels whose messages have it.
    var channels: Set<Channel> {
        switch self {
        case .text: [.email, .sms]
        case .from: [.email, .sms]
        case .fromAddress, .fromName, .subject, .preheader, .html, .unsubscribeURL: [.email]
        case .platform, .title, .body, .link, .image, .collapse: [.push]
        default: Set(Channel.allCases)
        }
    }
}

/// The lists of a message.
enum ListField: String, CaseIterable, Sendable {
    /// The one recipient, as a list because many APIs want one.
    case to = "msg.to"
    case replyTo = "msg.reply_to"
    case attachments = "msg.attachments"

    var channels: Set<Channel> { [.email] }
    var isMailboxes: Bool { self != .attachments }
}

/// The lists of names with values.
enum PairsField: String, CaseIterable, Sendable {
    case headers = "msg.headers"
    /// The template's data for the application; keys that begin with `sobre_` are left out, they are ours.
    case data = "msg.data"
    /// `sobre_id`, `sobre_recipient`, `sobre_campaign`, `sobre_category`, and `sobre_possible_duplicate` where it is so.
    case metadata = "msg.metadata"

    var channels: Set<Channel> {
        switch self {
        case .headers: [.email]
        case .data: [.push]
        case .metadata: Set(Channel.allCases)
        }
    }
}

/// What an element of a list offers inside `$do`.
enum ItemField: String, CaseIterable, Sendable {
    case address = "it.address"
    case name = "it.name"
    case filename = "it.filename"
    case contentType = "it.content_type"

    var isMailbox: Bool { self == .address || self == .name }
}
