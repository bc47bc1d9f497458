public import SobreModel
public import SobreSettings
public import ZoneInfo

/// What holds for every render of a process.
public struct RenderingOptions: Sendable {
    /// What happens when a template writes a value that nobody gave and that has no fallback.
    public enum Undefined: Hashable, Sendable {
        /// Rendering fails, so that the message is held and reported rather than sent as "Hi ,".
        case fail
        /// The value renders as nothing.
        case empty
    }

    public var undefined: Undefined
    /// What one part of a message may cost.
    public var limits: RenderingLimits
    /// The sender of emails whose template names none.
    public var defaultFrom: Mailbox?
    public var defaultReplyTo: Mailbox?
    /// The senders of channels whose sender is a text, where a template names none; nil: the provider's default.
    public var senders: ByChannel<String?>
    public var zones: ZoneCatalogue

    /// Makes options.
    public init(
        undefined: Undefined = .fail, limits: RenderingLimits = RenderingLimits(),
        defaultFrom: Mailbox? = nil, defaultReplyTo: Mailbox? = nil,
        senders: ByChannel<String?> = ByChannel(repeating: nil), zones: ZoneCatalogue = .system
    ) {
        self.undefined = undefined
        self.limits = limits
        self.defaultFrom = defaultFrom
        self.defaultReplyTo = defaultReplyTo
        self.senders = senders
        self.zones = zones
    }
}

/// Makes the links that Sobre itself puts into messages. Called while rendering, from any thread; must be quick.
public struct MessageLinks: Sendable {
    /// What a link is for.
    public struct Subject: Hashable, Sendable {
        public var recipient: String
        public var category: String
        public var topic: String?
        public var channel: Channel
        public var delivery: DeliveryID
    }

    /// How templates call them.
    static let names = ["unsubscribe_url", "preferences_url"]

    /// The address that ends messages of this kind with one click (RFC 8058); holds no address of the person.
    public var unsubscribe: @Sendable (Subject) -> String?
    /// Where people choose what they get.
    public var preferences: @Sendable (Subject) -> String?

    /// Makes links; what is not given is undefined in templates.
    public init(
        unsubscribe: @escaping @Sendable (Subject) -> String? = { _ in nil },
        preferences: @escaping @Sendable (Subject) -> String? = { _ in nil }
    ) {
        self.unsubscribe = unsubscribe
        self.preferences = preferences
    }
}
