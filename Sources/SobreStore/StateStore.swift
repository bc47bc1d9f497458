public import SobreModel

/// Reads what is true now: what waits, and which messages are in which state.
///
/// The time that a call takes does not grow with the log, nor with the number of messages that have ended.
public protocol StateStore: Sendable {
    /// The queue, counted by state, channel, campaign and reason.
    ///
    /// - Parameters:
    ///   - now: Deliveries that are due at this time count as due.
    ///   - limit: The number of groups returned, the largest first. The others are only counted.
    /// - Returns: the counts.
    /// - Throws: `StoreError` when the store cannot be read.
    func queue(at now: Instant, limit: Int) async throws(StoreError) -> QueueSummary

    /// A page of the messages with a delivery that matches a filter.
    ///
    /// Each message is listed once. A store looks at a bounded number of rows for one page. So a page may have fewer
    /// messages than `limit`, or none, although more follow: only a page without `next` is the last one. A message that
    /// changes its state while pages are read may be listed twice or not at all.
    ///
    /// - Throws: `cursor` when the cursor does not belong to this filter and store.
    func messages(
        _ filter: StateFilter, after cursor: StateCursor?, limit: Int
    ) async throws(StoreError) -> StatePage

    /// Messages by their IDs, in the order of the IDs. IDs without a message are left out.
    func messages(_ ids: [MessageID]) async throws(StoreError) -> [MessageStatus]

    /// Those deliveries that a provider may have accepted: an attempt is in flight, was accepted, or has an unknown
    /// outcome.
    func possiblySent(_ deliveries: [DeliveryID]) async throws(StoreError) -> Set<DeliveryID>
}

/// A message with the present state of its deliveries.
public struct MessageStatus: Hashable, Sendable {
    public var message: Message
    /// The newest log entry of each delivery.
    public var last: [LogEntry]
    /// The deliveries that match the filter.
    public var matching: [DeliveryID]

    public init(message: Message, last: [LogEntry], matching: [DeliveryID] = []) {
        self.message = message
        self.last = last
        self.matching = matching
    }
}

/// A page of messages by state.
public struct StatePage: Hashable, Sendable {
    public var rows: [MessageStatus]
    /// Where the next page begins; nil: this was the last one.
    public var next: StateCursor?

    public init(rows: [MessageStatus], next: StateCursor?) {
        self.rows = rows
        self.next = next
    }
}
