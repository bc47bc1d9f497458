public import SobreModel

/// Why a record of a log cannot become a message.
public struct RecordProblem: Hashable, Sendable {
    /// The stable code, for programs.
    public var code: String
    /// What is wrong and what would be right.
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// A record of a log that could not become a message.
public struct RejectedRecord: Hashable, Sendable {
    /// The number in the order of rejection.
    public var sequence: Int64
    /// The name of the source.
    public var source: String
    public var partition: SourcePartition
    public var offset: Int64
    public var rejectedAt: Instant
    public var problem: RecordProblem
    /// The size of the record, in bytes.
    public var size: Int
    /// The record, or the beginning of a long one.
    public var bytes: [UInt8]

    public init(
        sequence: Int64, source: String, partition: SourcePartition, offset: Int64, rejectedAt: Instant,
        problem: RecordProblem, size: Int, bytes: [UInt8]
    ) {
        self.sequence = sequence
        self.source = source
        self.partition = partition
        self.offset = offset
        self.rejectedAt = rejectedAt
        self.problem = problem
        self.size = size
        self.bytes = bytes
    }
}
