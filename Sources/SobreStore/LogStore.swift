public import SobreModel

/// Reads the delivery log. Not used on the hot path.
public protocol LogStore: Sendable {
    /// Reads a page of entries: forward from a cursor with the oldest first, or backward from a cursor with the newest
    /// first.
    ///
    /// The entries of one recipient are in commit order. The store chooses the order between recipients, and that order
    /// never changes. A reader that follows the log forward, from one `next` to the next, gets every entry exactly
    /// once: an entry that is committed later never lies before a cursor that was already returned.
    ///
    /// - Throws: `cursor` when the query's cursor was not made by this store.
    func log(_ query: LogQuery) async throws(StoreError) -> LogPage

    /// All entries of one message's deliveries, oldest first.
    func history(of message: MessageID) async throws(StoreError) -> [LogEntry]

    /// A recipient's messages, newest first, each with the last log entry of each of its deliveries; with a message those
    /// before it.
    func timeline(
        recipient: String, before message: MessageID?, limit: Int
    ) async throws(StoreError) -> [TimelineItem]

    /// The number of deliveries in each state. Each delivery is counted once.
    func totals() async throws(StoreError) -> [DeliveryState: Int]

    /// The waiting deliveries by channel and state, and when the longest overdue one became due. Reads the whole
    /// backlog.
    func backlog(at now: Instant) async throws(StoreError) -> Backlog

    /// Why the deliveries of one part of the queue are held: `limit` rows of it behind a place; nil: from its beginning.
    func held(after place: QueuePlace?, limit: Int) async throws(StoreError) -> HeldPage
}

/// A filter over the delivery log. All conditions must hold. A condition that is nil or empty matches everything.
public struct LogQuery: Hashable, Sendable {
    /// Where the page begins and in which direction it is read.
    public enum Direction: Hashable, Sendable {
        /// Oldest first, entries after the cursor. Nil starts at the beginning.
        case forward(after: LogCursor?)
        /// Newest first, entries before the cursor. Nil starts at the end.
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

/// A log entry with the fields of its message that readers show.
public struct LogRow: Hashable, Sendable {
    /// The entry's position in the log. Reading can continue after it or before it.
    public var cursor: LogCursor
    public var entry: LogEntry
    public var recipient: String
    public var template: String
    public var campaign: String?
    public var category: String
    /// The message's place in its sender's trace; nil for none.
    public var trace: TraceParent?

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

extension LogStore {
    /// A recipient's newest messages, newest first.
    public func timeline(recipient: String, limit: Int) async throws(StoreError) -> [TimelineItem] {
        try await timeline(recipient: recipient, before: nil, limit: limit)
    }
}

/// A recipient's message with the current state of each of its deliveries.
public struct TimelineItem: Hashable, Sendable {
    public var message: Message
    public var last: [LogEntry]

    public init(message: Message, last: [LogEntry]) {
        self.message = message
        self.last = last
    }
}
