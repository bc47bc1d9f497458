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
    public var priority: Priority
    public var sendAt: Instant?
    public var expiresAt: Instant?
    public var dedupKey: String?
    /// The data for the template: a JSON object.
    public var data: [UInt8]

    public init(
        recipient: String, template: String, campaign: String? = nil, journey: String? = nil,
        category: String = "marketing", topic: String? = nil, tags: [String] = [], channels: [Channel],
        route: ChannelRoute = .first, priority: Priority = .normal, sendAt: Instant? = nil, expiresAt: Instant? = nil,
        dedupKey: String? = nil, data: [UInt8] = Array("{}".utf8)
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
    }

    /// The channel plans of the deliveries that this message becomes: one plan for `first`, one a channel for `all`.
    public var plans: [[Channel]] {
        switch route {
        case .first: [channels]
        case .all: channels.map { [$0] }
        }
    }
}

/// One thing that a sender wants one person to learn, as the store keeps it.
@dynamicMemberLookup
public struct Message: Hashable, Sendable {
    public var id: MessageID
    public var acceptedAt: Instant
    public var draft: MessageDraft

    public init(id: MessageID, acceptedAt: Instant, draft: MessageDraft) {
        self.id = id
        self.acceptedAt = acceptedAt
        self.draft = draft
    }

    public subscript<Value>(dynamicMember path: KeyPath<MessageDraft, Value>) -> Value { draft[keyPath: path] }

    /// The channels that a delivery of this message may use, in order.
    public func plan(of delivery: DeliveryID) -> [Channel] {
        switch draft.route {
        case .first: draft.channels
        case .all: delivery.slot < draft.channels.count ? [draft.channels[delivery.slot]] : []
        }
    }

    /// Where a delivery begins: the first channel of its plan on which the person has an address, else the first.
    public func firstChannel(of delivery: DeliveryID, for profile: Profile?) -> Channel {
        let plan = plan(of: delivery)
        return plan.first { profile?.address(on: $0) != nil } ?? plan.first ?? .email
    }

    public var deliveries: [DeliveryID] { draft.plans.indices.map(id.delivery) }
}
