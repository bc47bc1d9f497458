internal import SobreModel

/// A text that a manifest can refer to, from a message's envelope or its content.
enum TextField: Hashable, Sendable {
    case envelope(EnvelopeField)
    case content(ContentField)

    static let all = EnvelopeField.allCases.map(TextField.envelope) + ContentField.allCases.map(TextField.content)

    init?(path: String) {
        if let field = EnvelopeField(rawValue: path) {
            self = .envelope(field)
        } else if path.hasPrefix("msg."), let field = ContentField(rawValue: String(path.dropFirst(4))) {
            self = .content(field)
        } else {
            return nil
        }
    }

    var path: String {
        switch self {
        case .envelope(let field): field.rawValue
        case .content(let field): "msg.\(field.rawValue)"
        }
    }

    /// The channels whose messages have it.
    var channels: Set<Channel> {
        switch self {
        case .envelope(.platform): Set(Channel.allCases.filter { $0.addressKind == .deviceToken })
        case .envelope(.replyToAddress), .envelope(.replyToName): Channel.withMail
        case .envelope: Set(Channel.allCases)
        case .content(let field): Set(Channel.allCases.filter { $0.form.fields.contains(field) })
        }
    }
}

/// The fields of a message besides its content. The raw value is the path.
enum EnvelopeField: String, CaseIterable, Sendable {
    case id
    /// The same for every attempt of a delivery, and another for each device.
    case key
    case attempt
    case recipient
    case campaign
    case category
    case channel
    /// The configured name of the provider.
    case instance
    /// The URL for receipts with our reference in its query; absent if the instance has no `callback_url`.
    case callback
    /// The current time in seconds since 1970.
    case timestamp
    /// When the message was admitted, as RFC 3339.
    case admittedAt = "admitted_at"
    /// `true`, or absent.
    case possibleDuplicate = "possible_duplicate"
    /// For how many seconds the message is still wanted: what the template says, and not beyond the message's expiry.
    case ttl
    /// The end of ``ttl`` in seconds since 1970.
    case expires
    case to = "msg.to"
    case platform = "msg.platform"
    case replyToAddress = "msg.reply_to.address"
    case replyToName = "msg.reply_to.name"
}

/// The lists of a message.
enum ListField: String, CaseIterable, Sendable {
    /// The one recipient as a list, because many APIs require one.
    case to = "msg.to"
    case replyTo = "msg.reply_to"
    /// All files of an email.
    case attachments = "msg.attachments"
    /// Of these, the ones that the HTML does not show.
    case attached = "msg.attached"
    /// Of these, the images that the HTML shows.
    case inline = "msg.inline"

    var channels: Set<Channel> { Channel.withMail }
    var isMailboxes: Bool { self == .to || self == .replyTo }
}

/// A list of names with values.
enum PairsField: Hashable, Sendable {
    case content(ContentPairs)
    /// `sobre_id`, `sobre_recipient`, `sobre_campaign`, `sobre_category` and, for a possible duplicate,
    /// `sobre_possible_duplicate`.
    case metadata
    /// The headers of an email that a provider does not write itself: those of the template, and the ones for
    /// unsubscribing (RFC 8058).
    case allHeaders
    /// The same with Reply-To, for providers that have no field for it.
    case allHeadersAndReplyTo

    static let all =
        ContentPairs.allCases.map(PairsField.content) + [.metadata, .allHeaders, .allHeadersAndReplyTo]

    init?(path: String) {
        guard let field = Self.all.first(where: { $0.path == path }) else { return nil }
        self = field
    }

    var path: String {
        switch self {
        case .content(let pairs): "msg.\(pairs.rawValue)"
        case .metadata: "msg.metadata"
        case .allHeaders: "msg.all_headers"
        case .allHeadersAndReplyTo: "msg.all_headers_and_reply_to"
        }
    }

    var channels: Set<Channel> {
        switch self {
        case .content(let pairs): Set(Channel.allCases.filter { $0.form.pairs.contains(pairs) })
        case .metadata: Set(Channel.allCases)
        case .allHeaders, .allHeadersAndReplyTo: Channel.withMail
        }
    }
}

/// The fields of a list's element inside `$do`.
enum ItemField: String, CaseIterable, Sendable {
    case address = "it.address"
    case name = "it.name"
    case filename = "it.filename"
    case contentType = "it.content_type"
    /// The id under which the HTML shows the file; without a value for others.
    case contentID = "it.content_id"
    /// `inline` or `attachment`.
    case disposition = "it.disposition"
    case value = "it.value"

    var isMailbox: Bool { self == .address || self == .name }
    var isAttachment: Bool {
        switch self {
        case .filename, .contentType, .contentID, .disposition: true
        case .address, .name, .value: false
        }
    }
    var isPair: Bool { self == .name || self == .value }
}

extension Channel {
    /// The channels whose messages are sent as MIME.
    static let withMail = Set(allCases.filter { $0.form == .mail })
}
