/// One partition of a topic.
public struct KafkaPartition: Hashable, Sendable {
    public var topic: String
    public var partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

/// One record of a topic.
public struct KafkaRecord: Sendable {
    public var partition: KafkaPartition
    public var offset: Int64
    /// Empty for a record without a value.
    public var value: [UInt8]

    public init(partition: KafkaPartition, offset: Int64, value: [UInt8]) {
        self.partition = partition
        self.offset = offset
        self.value = value
    }
}

/// What one look at the broker's news gave. A change of the assignment comes after the records.
public struct KafkaPoll: Sendable {
    public var records: [KafkaRecord] = []
    public var change: AssignmentChange?
    public var errors: [KafkaError] = []

    /// What the group's coordinator changed.
    public enum AssignmentChange: Sendable {
        /// These partitions are this consumer's. It reads them after ``KafkaConsumer/assign(_:)``.
        case assigned([KafkaPartition])
        /// No partition is this consumer's until the next change. It answers with ``KafkaConsumer/unassign()``.
        case revoked
    }

    public init() {}
}
