public import SobreModel

/// The content of `template.yaml`: the defaults of messages that use the template, and its bounds.
public struct TemplateManifest: Hashable, Sendable {
    /// The template's name, which is the name of its folder.
    public var name: String
    /// A short description for lists.
    public var summary: String?
    /// The default category of messages; nil if the message must name one.
    public var category: String?
    public var campaign: String?
    public var topic: String?
    /// The default channels of messages, in order of preference. The template must have parts for each.
    public var channels: [Channel]
    public var route: ChannelRoute?
    /// The escalation of `route: escalate`; nil means the default.
    public var escalation: Escalation?
    public var priority: Priority?
    /// The sender of emails.
    public var from: Mailbox?
    public var replyTo: Mailbox?
    /// The senders of channels whose sender is a text: a number, a short code or a name.
    public var senders = ByChannel<String?>(repeating: nil)
    /// Whether characters outside the GSM alphabet are replaced in SMS; nil: as the settings say.
    public var transliteratesSMS: Bool?
    /// The layout around the HTML part: a file of `_layouts/` without its ending.
    public var layout: String?
    /// The message data that the template uses.
    public var variables: [TemplateVariable]
    /// The files of its emails.
    public var attachments: [TemplateAttachment]
    public var budgets: TemplateBudgets

    /// A manifest with only a name.
    public init(name: String) {
        self.name = name
        channels = []
        variables = []
        attachments = []
        budgets = TemplateBudgets()
    }
}

/// One value of a message's data that a template uses.
public struct TemplateVariable: Hashable, Sendable {
    /// The types of a variable.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case string, integer, number, boolean, list, object
    }

    public var name: String
    public var kind: Kind
    /// Whether a message without it is refused at intake.
    public var isRequired: Bool
    public var summary: String?

    /// Makes a variable.
    public init(name: String, kind: Kind, isRequired: Bool = false, summary: String? = nil) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.summary = summary
    }
}

/// The largest size of a rendered message. A larger one is held and reported, not truncated.
public struct TemplateBudgets: Hashable, Sendable {
    /// Bytes of the HTML part. Gmail truncates at 102,400.
    public var htmlBytes: Int
    /// Segments of an SMS. Each is billed.
    public var smsSegments: Int
    /// Bytes of title, body, link, image and data of a push message together. APNs and FCM accept 4,096, including
    /// their envelope.
    public var pushBytes: Int

    /// Makes budgets.
    public init(htmlBytes: Int = 256 << 10, smsSegments: Int = 6, pushBytes: Int = 3500) {
        self.htmlBytes = htmlBytes
        self.smsSegments = smsSegments
        self.pushBytes = pushBytes
    }
}
