public import SobreStore
public import SobreModel

/// A source of messages as operators see it.
public struct SourceStatus: Hashable, Sendable {
    /// What becomes of its records now.
    public enum Condition: String, CaseIterable, Sendable {
        /// The group has given this reader no partitions yet.
        case starting
        /// Records are stored as they come.
        case reading
        /// They wait until there is room.
        case paused
        /// The brokers cannot be reached or refuse the reader. It tries again.
        case failing
        /// Its settings are at fault, or its library is not installed. Nothing is read.
        case broken
        /// No server runs.
        case stopped
    }

    /// How far reading has come in a partition.
    public struct Partition: Hashable, Sendable {
        public var place: SourcePartition
        /// The offset of the next record to store; nil: nothing was stored.
        public var next: Int64?
        /// How many records are not stored yet; nil: not known.
        public var lag: Int64?

        /// Makes the place of a partition.
        public init(place: SourcePartition, next: Int64? = nil, lag: Int64? = nil) {
            self.place = place
            self.next = next
            self.lag = lag
        }
    }

    public var name: String
    public var condition: Condition
    /// Why records are not stored; nil: they are.
    public var why: String?
    /// In order; those that this server reads, and those of which records are in the store.
    public var partitions: [Partition] = []
    /// Records stored since the server's start, rejected ones included.
    public var records = 0
    public var lastStoredAt: Instant?
    /// How many rejected records are kept.
    public var rejects = 0

    /// Makes the status of a source.
    public init(name: String, condition: Condition, why: String? = nil) {
        self.name = name
        self.condition = condition
        self.why = why
    }

    /// How many records are not stored yet, as far as it is known.
    public var lag: Int64 { partitions.reduce(0) { $0 + ($1.lag ?? 0) } }
}
