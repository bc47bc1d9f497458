/// A file of a template that holds words.
public enum TemplatePart: UInt8, CaseIterable, Sendable {
    case emailSubject
    case emailPreheader
    case emailHTML
    case emailText
    case smsText
    case pushFields

    /// How the file is read.
    public enum Medium: Sendable {
        case text
        /// HTML, within the template's layout.
        case html
        /// Lines `name: value`, then `---`, then the text.
        case fields
    }

    /// Whether a channel's words are complete without it.
    public enum Need: Sendable {
        case required
        case optional
        /// One of the parts with this need is required.
        case alternative
    }

    /// The file's name in a template's folder, or in a folder of it that is named after a locale.
    public var file: String {
        switch self {
        case .emailSubject: "email.subject.liquid"
        case .emailPreheader: "email.preheader.liquid"
        case .emailHTML: "email.html.liquid"
        case .emailText: "email.text.liquid"
        case .smsText: "sms.liquid"
        case .pushFields: "push.liquid"
        }
    }

    public var medium: Medium {
        switch self {
        case .emailHTML: .html
        case .pushFields: .fields
        default: .text
        }
    }

    public var need: Need {
        switch self {
        case .emailPreheader: .optional
        case .emailHTML, .emailText: .alternative
        default: .required
        }
    }
}
