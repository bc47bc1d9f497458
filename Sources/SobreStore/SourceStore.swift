public import SobreModel

/// What a store knows of the logs that messages are taken from, such as topics of Kafka.
public protocol SourceHistory: Sendable {
    /// Where reading goes on in each partition of a source.
    ///
    /// - Parameter source: the name of the source.
    /// - Returns: the positions; a partition of which nothing was taken yet is absent.
    /// - Throws: `StoreError` when the data cannot be read.
    func positions(of source: String) async throws(StoreError) -> [SourcePartition: Int64]

    /// Records that were rejected, the newest first.
    ///
    /// - Parameters:
    ///   - source: the name of the source; nil: all.
    ///   - sequence: only older ones than the one with this number; nil: from the newest.
    ///   - limit: the maximum number of records.
    /// - Returns: the records.
    /// - Throws: `StoreError` when the data cannot be read.
    func rejects(
        ofSource source: String?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [RejectedRecord]

    /// How many rejected records are kept, by source.
    func rejectCounts() async throws(StoreError) -> [String: Int]
}

/// Stores what is taken from a log. The log's own bookkeeping is not trusted: the position is part of the transaction.
public protocol SourceStore: SourceHistory {
    /// Stores the messages of a batch, its rejected records and the new positions in one transaction.
    ///
    /// Idempotency keys are checked as in ``MessageStore/enqueue(_:)``. A key that was used for another request makes
    /// the record a rejected one.
    ///
    /// - Parameter batch: the records.
    /// - Returns: what became of them; ``SourceResult/moved(_:)`` when a position is not the one that the batch begins
    ///   at. Then nothing was stored.
    /// - Throws: `StoreError` when nothing was stored.
    func enqueue(_ batch: SourceBatch) async throws(StoreError) -> SourceResult

    /// Removes rejected records that are older than a time.
    ///
    /// - Parameters:
    ///   - before: the time.
    ///   - limit: the maximum number to remove.
    /// - Returns: how many were removed.
    /// - Throws: `StoreError` when nothing was removed.
    func pruneRejects(before: Instant, limit: Int) async throws(StoreError) -> Int
}

/// One partition of a log, within which records have an order.
public struct SourcePartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (left: SourcePartition, right: SourcePartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    public var description: String { "\(topic)/\(partition)" }
}
