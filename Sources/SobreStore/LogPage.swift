/// A page of the delivery log.
public struct LogPage: Hashable, Sendable {
    /// The entries that the query asks for, in its direction.
    public var rows: [LogRow]
    /// Where the next page in the same direction begins. Entries that the filter hides are passed over too, so no page
    /// reads them again.
    public var next: LogCursor
    /// Behind every entry that could be read with this page. Whoever goes on forward from here gets each later entry once
    /// and misses none.
    public var end: LogCursor

    public init(rows: [LogRow], next: LogCursor, end: LogCursor) {
        self.rows = rows
        self.next = next
        self.end = end
    }
}
