public import SobreModel

/// Reading back what happened. Never on the hot path.
public protocol LogStore: Sendable {
    /// A page of entries: forward from a cursor, oldest first, or backward from one, newest first.
    ///
    /// The entries of one person come in the order in which they were committed; between people a store may put them in
    /// an order of its own, which stays. Whoever follows the log forward, from `next` to `next`, gets every entry once: one
    /// that is committed later never lies before a cursor that was given out.
    ///
    /// - Throws: `cursor` when the query's cursor is none of this store's.
    func log(_ query: LogQuery) async throws(StoreError) -> LogPage

    /// Every entry of one message's deliveries, oldest first.
    func history(of message: MessageID) async throws(StoreError) -> [LogEntry]

    /// A person's messages, newest first, each with the last entry of each of its deliveries.
    func timeline(recipient: String, limit: Int) async throws(StoreError) -> [TimelineItem]

    /// How many deliveries stand in each state. Counts every delivery once.
    func totals() async throws(StoreError) -> [DeliveryState: Int]

    /// What waits, by channel and state, and since when the oldest of it is due. Reads the whole backlog.
    func backlog(at now: Instant) async throws(StoreError) -> Backlog
}

/// A filter over the delivery log. All conditions must hold; empty means any.
public struct LogQuery: Hashable, Sendable {
    /// Where the page begins, and which way it goes.
    public enum Direction: Hashable, Sendable {
        /// Oldest first, entries behind a cursor; nil: from the beginning.
        case forward(after: LogCursor?)
        /// Newest first, entries before a cursor; nil: from the end.
        case backward(before: LogCursor?)
    }

    public var direction: Direction
    public var limit: Int
    public var states: Set<DeliveryState>
    public var channels: Set<Channel>
    public var reasons: Set<String>
    public var recipient: String?
    public var campaign: String?
    public var category: String?
    public var template: String?
    public var provider: String?
    public var since: Instant?
    public var until: Instant?

    public init(
        direction: Direction = .backward(before: nil), limit: Int = 50, states: Set<DeliveryState> = [],
        channels: Set<Channel> = [], reasons: Set<String> = [], recipient: String? = nil, campaign: String? = nil,
        category: String? = nil, template: String? = nil, provider: String? = nil, since: Instant? = nil,
        until: Instant? = nil
    ) {
        self.direction = direction
        self.limit = limit
        self.states = states
        self.channels = channels
        self.reasons = reasons
        self.recipient = recipient
        self.campaign = campaign
        self.category = category
        self.template = template
        self.provider = provider
        self.since = since
        self.until = until
    }
}

/// A log entry with what a reader wants to see of its message.
public struct LogRow: Hashable, Sendable {
    /// The entry's place in the log: reading goes on behind it, or before it.
    public var cursor: LogCursor
    public var entry: LogEntry
    public var recipient: String
    public var template: String
    public var campaign: String?
    public var category: String

    public init(
        cursor: LogCursor, entry: LogEntry, recipient: String, template: String, campaign: String?, category: String
    ) {
        self.cursor = cursor
        self.entry = entry
        self.recipient = recipient
        self.template = template
        self.campaign = campaign
        self.category = category
    }
}

/// A message of a person, with where each of its deliveries stands.
public struct TimelineItem: Hashable, Sendable {
    public var message: Message
    public var last: [LogEntry]

    public init(message: Message, last: [LogEntry]) {
        self.message = message
        self.last = last
    }
}
