/// A rendered message for one channel, ready for a provider.
///
/// Code that writes or shows content of any form reads its texts by ``ContentField`` and ``ContentPairs``.
public enum RenderedMessage: Hashable, Sendable {
    case email(EmailContent)
    case sms(SMSContent)
    case push(PushContent)
    case whatsapp(ChatContent)
    case chat(PostContent)

    public var channel: Channel {
        switch self {
        case .email: .email
        case .sms: .sms
        case .push: .push
        case .whatsapp: .whatsapp
        case .chat: .chat
        }
    }

    /// A text of the content; nil when the content has no such field.
    public func text(_ field: ContentField) -> String? {
        switch self {
        case .email(let content): content.text(field)
        case .sms(let content): content.text(field)
        case .push(let content): content.text(field)
        case .whatsapp(let content): content.text(field)
        case .chat(let content): field == .text ? content.text : nil
        }
    }

    /// Calls `body` for each pair of a list, in order.
    public func forEachPair(of pairs: ContentPairs, _ body: (_ name: String, _ value: String) -> Void) {
        switch self {
        case .email(let content):
            if pairs == .headers { for header in content.headers { body(header.name, header.value) } }
        case .sms, .chat: break
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

/// A mail address with an optional display name.
public struct Mailbox: Hashable, Sendable {
    public var name: String?
    public var address: String

    public init(name: String? = nil, address: String) {
        self.name = name
        self.address = address
    }
}

/// A rendered mail.
public struct EmailContent: Hashable, Sendable {
    public var from: Mailbox
    public var replyTo: Mailbox?
    public var subject: String
    public var preheader: String?
    public var html: String?
    /// Nil for HTML alone. Rendering derives a text when the template has none.
    public var text: String?
    /// Additional headers. Names and values contain no CR, LF or NUL.
    public var headers: [Header]
    /// The files: the template's, then the message's own.
    public var attachments: [Attachment]
    /// The URL for one-click unsubscription (RFC 8058); nil when the mail has none.
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

/// A rendered text message.
public struct SMSContent: Hashable, Sendable {
    /// The sender: a number, a short code or a name. Nil for the provider's default.
    public var from: String?
    public var text: String
    /// The text as it was written, where characters outside the GSM alphabet were replaced; nil if none was.
    public var written: String?

    public init(from: String? = nil, text: String, written: String? = nil) {
        self.from = from
        self.text = text
        self.written = written
    }
}

/// A rendered chat message: a text or an approved template.
public struct ChatContent: Hashable, Sendable {
    /// The sending number; nil for the provider's default.
    public var from: String?
    /// The text of the message. For a template its wording, if known, for previews and for providers that require it.
    public var text: String?
    /// The template to send instead of the text.
    public var template: ApprovedTemplate?

    /// A template that the channel's operator stores and has approved.
    public struct ApprovedTemplate: Hashable, Sendable {
        public var name: String
        /// The operator's code for the translation, for example `en_US`.
        public var language: String
        /// The parameters in order. Numbered parameters are named `1`, `2` and so on.
        public var parameters: [Parameter]

        /// A parameter's name and value.
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
