public import SobreModel

/// A message as its sender wrote it: read and checked, not yet completed with its template's defaults.
public struct MessageRequest: Sendable, Hashable {
    /// The sender's key for this request; nil: every submission is a new message.
    public var idempotencyKey: String?
    /// The person's id. Required.
    public var recipient: String
    /// The template's name. Required.
    public var template: String
    /// The campaign; nil: the template's.
    public var campaign: String?
    /// The journey; nil: none.
    public var journey: String?
    /// The category; nil: the template's.
    public var category: String?
    /// The topic; nil: the template's.
    public var topic: String?
    /// Tags beside those of the template.
    public var tags: [String]
    /// The channels in order of preference; nil: the template's.
    public var channels: [Channel]?
    /// How the channels are used; nil: as the template says.
    public var route: ChannelRoute?
    /// The priority; nil: the template's.
    public var priority: Priority?
    /// Not before this time.
    public var sendAt: Instant?
    /// Not after this time.
    public var expiresAt: Instant?
    /// What makes two messages of a campaign one.
    public var dedupKey: String?
    /// The template's data: a JSON object.
    public var data: [UInt8]?
    /// How `route: escalate` goes on; nil: the template's, or the standard.
    public var escalation: Escalation?
    /// Sent at the person's best time, at most this long after it could be sent; nil: at once.
    public var bestTimeWithin: Duration?
    /// On whose behalf; nil: the only one there is.
    public var tenant: String?
    /// A test send.
    public var isTest: Bool
    /// The message's own word on caps; nil: as the category says.
    public var caps: CapWords?

    /// A message's own word on caps; what it leaves out is as the category says.
    public struct CapWords: Sendable, Hashable {
        /// Whether caps restrain it; nil: as the category says.
        public var obey: Bool?
        /// Whether it fills caps; nil: as the category says.
        public var count: Bool?

        /// Makes the words from their parts.
        public init(obey: Bool? = nil, count: Bool? = nil) {
            self.obey = obey
            self.count = count
        }
    }

    /// Makes a request from its parts.
    public init(
        idempotencyKey: String? = nil, recipient: String, template: String, campaign: String? = nil,
        journey: String? = nil, category: String? = nil, topic: String? = nil, tags: [String] = [],
        channels: [Channel]? = nil, route: ChannelRoute? = nil, priority: Priority? = nil, sendAt: Instant? = nil,
        expiresAt: Instant? = nil, dedupKey: String? = nil, data: [UInt8]? = nil, escalation: Escalation? = nil,
        bestTimeWithin: Duration? = nil, tenant: String? = nil, isTest: Bool = false, caps: CapWords? = nil
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
        self.escalation = escalation
        self.bestTimeWithin = bestTimeWithin
        self.tenant = tenant
        self.isTest = isTest
        self.caps = caps
    }
}
