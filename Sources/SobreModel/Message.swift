/// What a sender asked for, validated and completed with the template's defaults.
public struct MessageDraft: Hashable, Sendable {
    public var recipient: String
    public var template: String
    public var campaign: String?
    public var journey: String?
    /// `transactional`, `marketing` or another category of the policy.
    public var category: String
    public var topic: String?
    /// Fixed when the message is enqueued. Nested by `/`.
    public var tags: [String]
    /// The channels in order of preference. Never empty, without duplicates.
    public var channels: [Channel]
    public var route: ChannelRoute
    /// The settings of `route: escalate`. Ignored for other routes.
    public var escalation: Escalation
    public var priority: Priority
    public var sendAt: Instant?
    public var expiresAt: Instant?
    public var dedupKey: String?
    /// The message is sent at the best time, at most this long after it could be sent; nil to send at once.
    public var bestTimeWithin: Duration?
    /// The tenant the message is sent for; nil for none. By default the rules ignore contacts of other tenants.
    public var tenant: String?
    /// The id of the activity that the message updates, such as a Live Activity; nil for none. The messages of one
    /// activity are one contact.
    public var activity: String?
    /// The message's place in its sender's trace; nil for none.
    public var trace: TraceParent?
    /// Whether this is a test message, which caps neither restrain nor count.
    public var isTest: Bool
    /// Nil to use the category's settings.
    public var capFlags: CapFlags?
    /// The template's data as a JSON object.
    public var data: [UInt8]
    /// Files for the message's emails, besides those of its template. A store returns them without their bytes.
    public var attachments: [EmailContent.Attachment]

    public init(
        recipient: String, template: String, campaign: String? = nil, journey: String? = nil,
        category: String = "marketing", topic: String? = nil, tags: [String] = [], channels: [Channel],
        route: ChannelRoute = .first, priority: Priority = .normal, sendAt: Instant? = nil, expiresAt: Instant? = nil,
        dedupKey: String? = nil, data: [UInt8] = Array("{}".utf8), escalation: Escalation = .standard,
        bestTimeWithin: Duration? = nil, tenant: String? = nil, isTest: Bool = false, capFlags: CapFlags? = nil,
        activity: String? = nil, trace: TraceParent? = nil, attachments: [EmailContent.Attachment] = []
    ) {
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
        self.capFlags = capFlags
        self.activity = activity
        self.trace = trace
    }

    /// The channel plan of each delivery of this message: a single plan for `first` and `best`, one per channel for
    /// `all` and `escalate`.
    public var plans: [[Channel]] { route.hasDeliveryPerChannel ? channels.map { [$0] } : [channels] }

    /// The number of ``plans``.
    public var deliveryCount: Int { route.hasDeliveryPerChannel ? channels.count : 1 }
}

/// A message to one recipient, as the store keeps it.
///
/// The draft is boxed, so that passing a message on copies only one reference.
@dynamicMemberLookup
public struct Message: Hashable, Sendable {
    public var id: MessageID
    public var acceptedAt: Instant
    @usableFromInline var asked: Boxed<MessageDraft>

    public init(id: MessageID, acceptedAt: Instant, draft: MessageDraft) {
        self.id = id
        self.acceptedAt = acceptedAt
        asked = Boxed(draft)
    }

    /// Creates a message from a boxed draft without copying it.
    public init(id: MessageID, acceptedAt: Instant, asked: Boxed<MessageDraft>) {
        self.id = id
        self.acceptedAt = acceptedAt
        self.asked = asked
    }

    @inlinable public var draft: MessageDraft {
        _read { yield asked.value }
        set { asked.value = newValue }
    }

    @inlinable
    public subscript<Value>(dynamicMember path: KeyPath<MessageDraft, Value>) -> Value { asked.value[keyPath: path] }

    /// When the message first may go: the later of its `send_at` and its acceptance. Waits and expiries count from here.
    public var beginsAt: Instant { max(draft.sendAt ?? acceptedAt, acceptedAt) }

    /// The channels a delivery of this message may use, in order.
    public func plan(of delivery: DeliveryID) -> [Channel] {
        guard draft.route.hasDeliveryPerChannel else { return draft.channels }
        return delivery.slot < draft.channels.count ? [draft.channels[delivery.slot]] : []
    }

    /// The channel a delivery begins on: the first of its plan on which the recipient has an address, else the first.
    public func firstChannel(of delivery: DeliveryID, for profile: Profile?) -> Channel {
        guard let first = firstPlannedChannel(of: delivery) else { return draft.channels[0] }
        guard let profile, !profile.hasAddress(on: first) else { return first }
        return plan(of: delivery).first { profile.hasAddress(on: $0) } ?? first
    }

    /// The first channel of a delivery's plan, without making the plan. Nil when the message has no such delivery.
    public func firstPlannedChannel(of delivery: DeliveryID) -> Channel? {
        guard draft.route.hasDeliveryPerChannel else { return draft.channels.first }
        return delivery.slot < draft.channels.count ? draft.channels[delivery.slot] : nil
    }

    public var deliveries: [DeliveryID] { (0..<draft.deliveryCount).map(id.delivery) }
}
