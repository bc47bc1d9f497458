/// What a sender asked for, checked and completed with the template's defaults.
public struct MessageDraft: Hashable, Sendable {
    public var recipient: String
    public var template: String
    public var campaign: String?
    public var journey: String?
    /// `transactional`, `marketing`, or another that the policy knows.
    public var category: String
    public var topic: String?
    /// Snapshotted when the message is enqueued; nested by `/`.
    public var tags: [String]
    /// The channels in order of preference; never empty, no channel twice.
    public var channels: [Channel]
    public var route: ChannelRoute
    /// How `route: escalate` goes on; without meaning for other routes.
    public var escalation: Escalation
    public var priority: Priority
    public var sendAt: Instant?
    public var expiresAt: Instant?
    public var dedupKey: String?
    /// Sent when the person is most likely to look, at most this long after it could be sent; nil: at once.
    public var bestTimeWithin: Duration?
    /// On whose behalf; nil: the only one there is. Contacts of one tenant are nothing to the rules of another.
    public var tenant: String?
    /// A test send: neither restrained by caps nor counted by anything.
    public var isTest: Bool
    /// Nil: as the category says.
    public var capFlags: CapFlags?
    /// The data for the template: a JSON object.
    public var data: [UInt8]

    public init(
        recipient: String, template: String, campaign: String? = nil, journey: String? = nil,
        category: String = "marketing", topic: String? = nil, tags: [String] = [], channels: [Channel],
        route: ChannelRoute = .first, priority: Priority = .normal, sendAt: Instant? = nil, expiresAt: Instant? = nil,
        dedupKey: String? = nil, data: [UInt8] = Array("{}".utf8), escalation: Escalation = .standard,
        bestTimeWithin: Duration? = nil, tenant: String? = nil, isTest: Bool = false, capFlags: CapFlags? = nil
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
        self.escalation = escalation
        self.bestTimeWithin = bestTimeWithin
        self.tenant = tenant
        self.isTest = isTest
        self.capFlags = capFlags
    }

    /// The channel plans of the deliveries that this message can become: one plan for `first` and `best`, one a channel
    /// for `all` and `escalate`.
    public var plans: [[Channel]] { route.hasDeliveryPerChannel ? channels.map { [$0] } : [channels] }

    /// How many ``plans`` there are.
    public var deliveryCount: Int { route.hasDeliveryPerChannel ? channels.count : 1 }
}

/// One thing that a sender wants one person to learn, as the store keeps it.
///
/// What was asked for lies in a box, so that a message is handed on for the price of one reference.
@dynamicMemberLookup
public struct Message: Hashable, Sendable {
    public var id: MessageID
    public var acceptedAt: Instant
    private var asked: Boxed<MessageDraft>

    public init(id: MessageID, acceptedAt: Instant, draft: MessageDraft) {
        self.id = id
        self.acceptedAt = acceptedAt
        asked = Boxed(draft)
    }

    /// Makes a message of a draft that lies in its box already: nothing is copied.
    public init(id: MessageID, acceptedAt: Instant, asked: Boxed<MessageDraft>) {
        self.id = id
        self.acceptedAt = acceptedAt
        self.asked = asked
    }

    public var draft: MessageDraft {
        _read { yield asked.value }
        set { asked.value = newValue }
    }

    public subscript<Value>(dynamicMember path: KeyPath<MessageDraft, Value>) -> Value { asked.value[keyPath: path] }

    /// The channels that a delivery of this message may use, in order.
    public func plan(of delivery: DeliveryID) -> [Channel] {
        guard draft.route.hasDeliveryPerChannel else { return draft.channels }
        return delivery.slot < draft.channels.count ? [draft.channels[delivery.slot]] : []
    }

    /// Where a delivery begins: the first channel of its plan on which the person has an address, else the first.
    public func firstChannel(of delivery: DeliveryID, for profile: Profile?) -> Channel {
        let plan = plan(of: delivery)
        return plan.first { profile?.address(on: $0) != nil } ?? plan.first ?? draft.channels[0]
    }

    public var deliveries: [DeliveryID] { (0..<draft.deliveryCount).map(id.delivery) }
}
