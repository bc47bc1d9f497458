public import SobreModel

/// A validated message request, not yet completed with its template's defaults.
public struct MessageRequest: Sendable, Hashable {
    /// The sender's key for this request. If nil, every submission is a new message.
    public var idempotencyKey: String?
    /// The recipient's id. Required.
    public var recipient: String
    /// The template's name. Required.
    public var template: String
    /// The campaign; nil for the template's.
    public var campaign: String?
    /// The journey; nil if none.
    public var journey: String?
    /// The category; nil for the template's.
    public var category: String?
    /// The topic; nil for the template's.
    public var topic: String?
    /// Tags in addition to the template's.
    public var tags: [String]
    /// The channels in order of preference; nil for the template's.
    public var channels: [Channel]?
    /// How the channels are used; nil for the template's.
    public var route: ChannelRoute?
    /// The priority; nil for the template's or the category's.
    public var priority: Priority?
    /// The earliest time to send.
    public var sendAt: Instant?
    /// The latest time to send.
    public var expiresAt: Instant?
    /// Identifies duplicates: messages of a campaign with the same key.
    public var dedupKey: String?
    /// The data for the template, a JSON object.
    public var data: [UInt8]?
    /// How `route: escalate` proceeds; nil for the template's, or the standard.
    public var escalation: Escalation?
    /// Send at the recipient's best time, at most this long after the message could be sent; nil for at once.
    public var bestTimeWithin: Duration?
    /// The tenant; nil for the only one.
    public var tenant: String?
    /// The id of the activity that the message updates; nil for none.
    public var activity: String?
    /// The message's place in its sender's trace; nil for none.
    public var trace: TraceParent?
    /// Whether this is a test message.
    public var isTest: Bool
    /// Overrides the category's cap flags; nil for the category's.
    public var caps: CapOverrides?
    /// Files for emails, besides the template's.
    public var attachments: [EmailContent.Attachment]

    /// Overrides of the category's cap flags.
    public struct CapOverrides: Sendable, Hashable {
        /// Whether the message obeys caps; nil for the category's value.
        public var obey: Bool?
        /// Whether the message counts toward caps; nil for the category's value.
        public var count: Bool?

        public init(obey: Bool? = nil, count: Bool? = nil) {
            self.obey = obey
            self.count = count
        }
    }

    public init(
        idempotencyKey: String? = nil, recipient: String, template: String, campaign: String? = nil,
        journey: String? = nil, category: String? = nil, topic: String? = nil, tags: [String] = [],
        channels: [Channel]? = nil, route: ChannelRoute? = nil, priority: Priority? = nil, sendAt: Instant? = nil,
        expiresAt: Instant? = nil, dedupKey: String? = nil, data: [UInt8]? = nil, escalation: Escalation? = nil,
        bestTimeWithin: Duration? = nil, tenant: String? = nil, isTest: Bool = false, caps: CapOverrides? = nil,
        attachments: [EmailContent.Attachment] = []
    ) {
        self.idempotencyKey = idempotencyKey
        self.recipient = recipient
        self.template = template
        self.campaign = campaign
        self.journey = journey
        self.category = category
        self.topic = topic
        self.tags = tags
        self.channels = channels
        self.route = route
        self.priority = priority
        self.sendAt = sendAt
        self.expiresAt = expiresAt
        self.dedupKey = dedupKey
        self.data = data
        self.attachments = attachments
        self.escalation = escalation
        self.bestTimeWithin = bestTimeWithin
        self.tenant = tenant
        self.isTest = isTest
        self.caps = caps
    }
}
