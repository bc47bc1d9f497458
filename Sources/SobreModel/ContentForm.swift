/// The structure of a message's content. Several channels may share a form.
public enum ContentForm: Sendable, CaseIterable {
    /// A subject with HTML, text or both; sent as MIME.
    case mail
    /// One short text.
    case text
    /// A title and a body for a device's screen, plus data for the application.
    case notification
    /// A text, or a template approved by the channel's operator with its parameters.
    case chat

    /// One text without a sender of its own: the account that posts it is the sender.
    case post

    /// The texts that content of this form may have, in the order they are written and shown.
    public var fields: [ContentField] {
        switch self {
        case .mail:
            [.from, .fromAddress, .fromName, .subject, .preheader, .text, .html, .unsubscribeURL]
        case .text: [.from, .text]
        case .notification:
            [.title, .body, .link, .image, .collapse, .priority, .ttl, .activity, .activityState]
        case .chat: [.from, .text, .templateName, .templateLanguage]
        case .post: [.text]
        }
    }

    /// The lists of names and values that content of this form may have.
    public var pairs: [ContentPairs] {
        switch self {
        case .mail: [.headers]
        case .text: []
        case .notification: [.data]
        case .chat: [.parameters]
        case .post: []
        }
    }
}

/// A text of a message's content. The raw value is its name in manifests, after `msg.`.
public enum ContentField: String, CaseIterable, Sendable {
    case from
    /// The same as ``from``, under the name that manifests for mail use.
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
    case priority
    /// In seconds.
    case ttl
    /// `update` or `end`, for a Live Activity.
    case activity
    /// JSON.
    case activityState = "activity_state"
    case templateName = "template.name"
    case templateLanguage = "template.language"

    /// The name in JSON.
    public var key: String {
        switch self {
        case .collapse: "collapse_key"
        default: rawValue.replacing(".", with: "_")
        }
    }
}

/// A list of names and values in a message's content. The raw value is its name in manifests, after `msg.`.
public enum ContentPairs: String, CaseIterable, Sendable {
    case headers
    case data
    /// The parameters of an approved template, in order.
    case parameters
}
