public import SobreModel

/// The queue in numbers, for operators.
public struct QueueSummary: Hashable, Sendable {
    /// Deliveries that wait for the same reason.
    public struct Group: Hashable, Sendable {
        public var state: DeliveryState
        public var channel: Channel
        /// Nil for messages without a campaign.
        public var campaign: String?
        /// True for the deliveries of campaigns that are not counted one by one, because too many wait.
        public var isOfFurtherCampaigns: Bool
        /// A ``HoldReason``, ``Outcome/Kind`` or other reason by its name, or empty.
        public var reason: String
        public var count: Int
        /// Since when the delivery that came into this state first is in it. Nil for `queued`, where the due times of
        /// the channel tell.
        public var oldestAt: Instant?

        public init(
            state: DeliveryState, channel: Channel, campaign: String?, isOfFurtherCampaigns: Bool = false,
            reason: String = "", count: Int, oldestAt: Instant? = nil
        ) {
            self.state = state
            self.channel = channel
            self.campaign = campaign
            self.isOfFurtherCampaigns = isOfFurtherCampaigns
            self.reason = reason
            self.count = count
            self.oldestAt = oldestAt
        }
    }

    /// The deliveries that wait for one channel.
    public struct ChannelTotals: Hashable, Sendable {
        public var channel: Channel
        public var waiting: Int
        /// When the longest overdue delivery became due; nil when none is due.
        public var oldestDueAt: Instant?
        /// When the next delivery becomes due that is not due yet.
        public var nextDueAt: Instant?

        public init(channel: Channel, waiting: Int, oldestDueAt: Instant? = nil, nextDueAt: Instant? = nil) {
            self.channel = channel
            self.waiting = waiting
            self.oldestDueAt = oldestDueAt
            self.nextDueAt = nextDueAt
        }
    }

    /// When this was counted.
    public var at: Instant
    public var waiting: Int
    /// Attempts whose outcome is not known yet. They wait no longer and are in no group.
    public var inFlight: Int
    /// The channels for which anything waits, in the order of the channels.
    public var channels: [ChannelTotals]
    /// The largest first.
    public var groups: [Group]
    /// How many groups were left out.
    public var omittedGroups: Int

    public init(
        at: Instant, waiting: Int = 0, inFlight: Int = 0, channels: [ChannelTotals] = [], groups: [Group] = [],
        omittedGroups: Int = 0
    ) {
        self.at = at
        self.waiting = waiting
        self.inFlight = inFlight
        self.channels = channels
        self.groups = groups
        self.omittedGroups = omittedGroups
    }

    public var oldestDueAt: Instant? { channels.compactMap(\.oldestDueAt).min() }
    public var nextDueAt: Instant? { channels.compactMap(\.nextDueAt).min() }
    /// For how long the longest overdue delivery has been due.
    public var oldestDueAge: Duration? { oldestDueAt.map { at - $0 } }
}
