/// A message in its final words for one channel, ready for a provider.
///
/// Whoever writes or shows content without caring for its form asks for its texts by ``ContentField`` and ``ContentPairs``.
public enum RenderedMessage: Hashable, Sendable {
    case email(EmailContent)
    case sms(SMSContent)
    case push(PushContent)
    case whatsapp(ChatContent)

    public var channel: Channel {
        switch self {
        case .email: .email
        case .sms: .sms
        case .push: .push
        case .whatsapp: .whatsapp
        }
    }

    /// A text of the content; nil where it has none of the name.
    public func text(_ field: ContentField) -> String? {
        switch self {
        case .email(let content): content.text(field)
        case .sms(let content): content.text(field)
        case .push(let content): content.text(field)
        case .whatsapp(let content): content.text(field)
        }
    }

    /// Calls `body` for every pair of a list, in order.
    public func forEachPair(of pairs: ContentPairs, _ body: (_ name: String, _ value: String) -> Void) {
        switch self {
        case .email(let content):
            if pairs == .headers { for header in content.headers { body(header.name, header.value) } }
        case .sms: break
        case .push(let content): if pairs == .data { for pair in content.data { body(pair.key, pair.value) } }
        case .whatsapp(let content):
            if pairs == .parameters { for item in content.template?.parameters ?? [] { body(item.name, item.value) } }
        }
    }
}

extension EmailContent {
    func text(_ field: ContentField) -> String? {
        switch field {
        case .from, .fromAddress: from.address
        case .fromName: from.name
        case .subject: subject
        case .preheader: preheader
        case .html: html
        case .text: text
        case .unsubscribeURL: unsubscribeURL
        default: nil
        }
    }
}

extension SMSContent {
    func text(_ field: ContentField) -> String? {
        switch field {
        case .from: from
        case .text: text
        default: nil
        }
    }
}

extension PushContent {
    func text(_ field: ContentField) -> String? {
        switch field {
        case .title: title
        case .body: body
        case .link: link
        case .image: image
        case .collapse: collapseKey
        default: nil
        }
    }
}

extension ChatContent {
    func text(_ field: ContentField) -> String? {
        switch field {
        case .from: from
        case .text: text
        case .templateName: template?.name
        case .templateLanguage: template?.language
        default: nil
        }
    }
}

/// A mailbox: an address with the name shown beside it.
public struct Mailbox: Hashable, Sendable {
    public var name: String?
    public var address: String

    public init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }
}

/// A mail in its final words.
public struct EmailContent: Hashable, Sendable {
    public var from: Mailbox
    public var replyTo: Mailbox?
    public var subject: String
    public var preheader: String?
    public var html: String?
    /// Nil: HTML alone. Rendering derives a text where a template has none.
    public var text: String?
    /// Further headers; names and values hold no CR, LF or NUL.
    public var headers: [Header]
    public var attachments: [Attachment]
    /// The URL for RFC 8058 one-click unsubscription, or nil for mail that has none.
    public var unsubscribeURL: String?

    /// One header field.
    public struct Header: Hashable, Sendable {
        public var name: String
        public var value: String
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A file that goes with the mail.
    public struct Attachment: Hashable, Sendable {
        public var filename: String
        public var contentType: String
        public var content: [UInt8]
        public init(filename: String, contentType: String, content: [UInt8]) {
            self.filename = filename
            self.contentType = contentType
            self.content = content
        }
    }

    public init(
        from: Mailbox, replyTo: Mailbox? = nil, subject: String, preheader: String? = nil, html: String? = nil,
        text: String? = nil, headers: [Header] = [], attachments: [Attachment] = [], unsubscribeURL: String? = nil
    ) {
        self.from = from
        self.replyTo = replyTo
        self.subject = subject
        self.preheader = preheader
        self.html = html
        self.text = text
        self.headers = headers
        self.attachments = attachments
        self.unsubscribeURL = unsubscribeURL
    }
}

/// A text message in its final words.
public struct SMSContent: Hashable, Sendable {
    /// The sender: a number, a short code or a name, or nil for the provider's default.
    public var from: String?
    public var text: String

    public init(from: String? = nil, text: String) {
        self.from = from
        self.text = text
    }
}

/// A notification in its final words.
public struct PushContent: Hashable, Sendable {
    public var title: String
    public var body: String
    /// Where a tap leads.
    public var link: String?
    public var image: String?
    /// Pairs for the application, in order.
    public var data: [Pair]
    /// Replaces an earlier notification with the same key.
    public var collapseKey: String?

    /// A key with its value.
    public struct Pair: Hashable, Sendable {
        public var key: String
        public var value: String
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public init(
        title: String, body: String, link: String? = nil, image: String? = nil, data: [Pair] = [],
        collapseKey: String? = nil
    ) {
        self.title = title
        self.body = body
        self.link = link
        self.image = image
        self.data = data
        self.collapseKey = collapseKey
    }
}

/// A chat message in its final words: a text, or an approved template.
public struct ChatContent: Hashable, Sendable {
    /// The number that sends, or nil for the provider's default.
    public var from: String?
    /// What the message says; of a template its wording, for previews and for providers that ask for it, or nil.
    public var text: String?
    /// What is sent in place of the text.
    public var template: ApprovedTemplate?

    /// A template that the channel's operator keeps and has approved.
    public struct ApprovedTemplate: Hashable, Sendable {
        public var name: String
        /// The code of its translation, as the operator writes it: `en_US`.
        public var language: String
        /// What fills it in, in order; numbered parameters are named `1`, `2`, ….
        public var parameters: [Parameter]

        /// A name with what stands in its place.
        public struct Parameter: Hashable, Sendable {
            public var name: String
            public var value: String
            public init(name: String, value: String) {
                self.name = name
                self.value = value
            }
        }

        public init(name: String, language: String, parameters: [Parameter] = []) {
            self.name = name
            self.language = language
            self.parameters = parameters
        }
    }

    public init(from: String? = nil, text: String?, template: ApprovedTemplate? = nil) {
        self.from = from
        self.text = text
        self.template = template
    }
}
