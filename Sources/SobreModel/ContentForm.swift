/// What a message consists of. Several channels may share a form.
public enum ContentForm: Sendable, CaseIterable {
    /// A subject with HTML, text or both; goes out as MIME.
    case mail
    /// One short text.
    case text
    /// A title and a body for a device's screen, with data for the application.
    case notification
    /// A text, or a template that the channel's operator has approved with what fills it in.
    case chat

    /// The texts that content of this form may have, in the order in which they are written and shown.
    public var fields: [ContentField] {
        switch self {
        case .mail:
            [.from, .fromAddress, .fromName, .subject, .preheader, .text, .html, .unsubscribeURL]
        case .text: [.from, .text]
        case .notification: [.title, .body, .link, .image, .collapse]
        case .chat: [.from, .text, .templateName, .templateLanguage]
        }
    }

    /// The lists of names with values that content of this form may have.
    public var pairs: [ContentPairs] {
        switch self {
        case .mail: [.headers]
        case .text: []
        case .notification: [.data]
        case .chat: [.parameters]
        }
    }
}

/// A text of a message's content. The raw value is what manifests call it, behind `msg.`.
public enum ContentField: String, CaseIterable, Sendable {
    case from
    /// The same as ``from``, in the words of manifests for mail.
    case fromAddress = "from.address"
    case fromName = "from.name"
    case text
    case subject
    case preheader
    case html
    case unsubscribeURL = "unsubscribe_url"
    case title
    case body
    case link
    case image
    case collapse
    case templateName = "template.name"
    case templateLanguage = "template.language"

    /// What JSON for people and files calls it.
    public var key: String {
        switch self {
        case .collapse: "collapse_key"
        default: rawValue.replacing(".", with: "_")
        }
    }
}

/// A list of names with values of a message's content. The raw value is what manifests call it, behind `msg.`.
public enum ContentPairs: String, CaseIterable, Sendable {
    case headers
    case data
    /// What fills in an approved template, in order.
    case parameters
}
