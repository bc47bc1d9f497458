public import SobreModel

/// What became of a part of the inbox that was applied once more.
public struct ReceiptReplay: Sendable {
    /// The receipts of this part.
    public var examined = 0
    /// Those that changed something this time.
    public var applied = 0
    /// Those that changed nothing, because they had their effect already or may have none.
    public var unchanged = 0
    /// Those whose message, or the outcome of its attempt, is still not known.
    public var unmatched = 0
    /// The number of the last receipt of this part; nil: there are no more.
    public var last: Int64?
    /// The log entries that were written, for metrics. Empty in a dry run.
    public var entries: [LogEntry] = []

    public init() {}

    /// Adds the counts of the next part.
    public mutating func add(_ next: ReceiptReplay) {
        examined += next.examined
        applied += next.applied
        unchanged += next.unchanged
        unmatched += next.unmatched
        last = next.last
        entries += next.entries
    }
}
