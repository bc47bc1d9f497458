/// A page of the delivery log.
public struct LogPage: Hashable, Sendable {
    /// The matching entries, in the direction of the query.
    public var rows: [LogRow]
    /// Where the next page in the same direction begins. It also lies past the entries that the filter excluded, so
    /// that no later page reads them again.
    public var next: LogCursor
    /// The end of the log as this page saw it. A reader that continues forward from here gets each later entry exactly
    /// once.
    public var end: LogCursor

    public init(rows: [LogRow], next: LogCursor, end: LogCursor) {
        self.rows = rows
        self.next = next
        self.end = end
    }
}
