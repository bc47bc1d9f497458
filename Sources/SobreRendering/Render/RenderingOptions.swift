public import SobreModel
public import SobreSettings
public import ZoneInfo

/// Options for all renders of a process.
public struct RenderingOptions: Sendable {
    /// What happens when a template outputs a value that is missing and has no fallback.
    public enum Undefined: Hashable, Sendable {
        /// Rendering fails, so that the message is held and reported rather than sent as "Hi ,".
        case fail
        /// The value renders as nothing.
        case empty
    }

    public var undefined: Undefined
    /// The limits for rendering one part of a message.
    public var limits: RenderingLimits
    /// The limits of the files of one email.
    public var attachments: AttachmentLimits
    /// The schemes that links in messages may have, in lower case.
    public var linkSchemes: [String]
    /// Whether characters outside the GSM alphabet are replaced in SMS whose template does not say.
    public var transliteratesSMS: Bool
    /// The sender of emails whose template has none.
    public var defaultFrom: Mailbox?
    public var defaultReplyTo: Mailbox?
    /// The senders of channels with a text as sender, for templates that have none; nil for the provider's default.
    public var senders: ByChannel<String?>
    public var zones: ZoneCatalogue

    /// Makes options.
    public init(
        undefined: Undefined = .fail, limits: RenderingLimits = RenderingLimits(),
        attachments: AttachmentLimits = AttachmentLimits(),
        linkSchemes: [String] = Settings.Rendering().linkSchemes, transliteratesSMS: Bool = false,
        defaultFrom: Mailbox? = nil,
        defaultReplyTo: Mailbox? = nil,
        senders: ByChannel<String?> = ByChannel(repeating: nil), zones: ZoneCatalogue = .system
    ) {
        self.undefined = undefined
        self.limits = limits
        self.attachments = attachments
        self.linkSchemes = linkSchemes
        self.transliteratesSMS = transliteratesSMS
        self.defaultFrom = defaultFrom
        self.defaultReplyTo = defaultReplyTo
        self.senders = senders
        self.zones = zones
    }
}

/// Makes the links that Sobre adds to messages. Called while rendering, on any thread. Must be fast.
public struct MessageLinks: Sendable {
    /// The message and recipient that a link is for.
    public struct Subject: Hashable, Sendable {
        public var recipient: String
        public var category: String
        public var topic: String?
        public var channel: Channel
        public var delivery: DeliveryID
    }

    /// Their names in templates.
    static let names = ["unsubscribe_url", "preferences_url"]

    /// The URL for one-click unsubscription (RFC 8058). Contains no address of the recipient.
    public var unsubscribe: @Sendable (Subject) -> String?
    /// The URL of the recipient's preferences page.
    public var preferences: @Sendable (Subject) -> String?

    /// Creates links. A link without a function is undefined in templates.
    public init(
        unsubscribe: @escaping @Sendable (Subject) -> String? = { _ in nil },
        preferences: @escaping @Sendable (Subject) -> String? = { _ in nil }
    ) {
        self.unsubscribe = unsubscribe
        self.preferences = preferences
    }
}
