public import SobreModel

/// What a template says about itself in `template.yaml`: the defaults of messages that name it, and its bounds.
public struct TemplateManifest: Hashable, Sendable {
    /// The template's name; that of its folder.
    public var name: String
    /// A sentence for lists.
    public var summary: String?
    /// The category of messages that do not name one; nil: the sender must.
    public var category: String?
    public var campaign: String?
    public var topic: String?
    /// The channels of messages that name none, in order of preference; only channels that the template has words for.
    public var channels: [Channel]
    public var route: ChannelRoute?
    /// How `route: escalate` goes on; nil: the standard.
    public var escalation: Escalation?
    public var priority: Priority?
    /// The sender of emails.
    public var from: Mailbox?
    public var replyTo: Mailbox?
    /// The senders of channels whose sender is a text: a number, a short code or a name.
    public var senders = ByChannel<String?>(repeating: nil)
    /// The layout around the HTML part: a file of `_layouts/` without its ending.
    public var layout: String?
    /// The message data that the template works with.
    public var variables: [TemplateVariable]
    public var budgets: TemplateBudgets

    /// A manifest with nothing but a name.
    public init(name: String) {
        self.name = name
        channels = []
        variables = []
        budgets = TemplateBudgets()
    }
}

/// One value of a message's data that a template works with.
public struct TemplateVariable: Hashable, Sendable {
    /// What a variable can be.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        case string, integer, number, boolean, list, object
    }

    public var name: String
    public var kind: Kind
    /// A message without it is held and reported.
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

/// How large a rendered message may become. One that is larger is held and reported, not cut.
public struct TemplateBudgets: Hashable, Sendable {
    /// Bytes of the HTML part. Gmail cuts at 102,400.
    public var htmlBytes: Int
    /// Parts of an SMS; each is billed.
    public var smsSegments: Int
    /// Bytes of title, body, link, image and data of a push message together. APNs and FCM take 4,096 with their envelope.
    public var pushBytes: Int

    /// Makes budgets.
    public init(htmlBytes: Int = 256 << 10, smsSegments: Int = 6, pushBytes: Int = 3500) {
        self.htmlBytes = htmlBytes
        self.smsSegments = smsSegments
        self.pushBytes = pushBytes
    }
}
