public import SobreModel

/// Records of a log that are stored together with the positions after them.
public struct SourceBatch: Sendable {
    /// One record after validation.
    public struct Entry: Sendable {
        /// What the record is.
        public enum Content: Sendable {
            case message(Submission)
            /// The record cannot become a message.
            case rejected(RecordProblem)
        }

        public var partition: SourcePartition
        public var offset: Int64
        public var content: Content
        /// The recipient that the record names. An erasure removes the record by it.
        public var recipient: KeyHash?
        /// The size of the record, in bytes.
        public var size: Int
        /// The beginning of the record, which is kept when it is rejected.
        public var bytes: [UInt8]

        public init(
            partition: SourcePartition, offset: Int64, content: Content, recipient: KeyHash?, size: Int, bytes: [UInt8]
        ) {
            self.partition = partition
            self.offset = offset
            self.content = content
            self.recipient = recipient
            self.size = size
            self.bytes = bytes
        }
    }

    /// The change of a partition's position.
    public struct Move: Hashable, Sendable {
        public var partition: SourcePartition
        /// The position at which the batch begins; nil: the store has none.
        public var from: Int64?
        /// The offset of the next record to read.
        public var to: Int64

        public init(_ partition: SourcePartition, from: Int64?, to: Int64) {
            self.partition = partition
            self.from = from
            self.to = to
        }
    }

    /// The name of the source.
    public var source: String
    /// The records, in the order in which they are to be stored.
    public var entries: [Entry]
    /// Empty when the log itself keeps which records were taken.
    public var moves: [Move]
    /// The maximum number of rejected records that are kept, of all sources. The oldest are dropped.
    public var maxRejects: Int
    /// The problem with a record whose key was used for another request, which became the given message.
    public var conflict: @Sendable (MessageID) -> RecordProblem

    public init(
        source: String, entries: [Entry], moves: [Move], maxRejects: Int,
        conflict: @escaping @Sendable (MessageID) -> RecordProblem
    ) {
        self.source = source
        self.entries = entries
        self.moves = moves
        self.maxRejects = maxRejects
        self.conflict = conflict
    }

    /// The messages to store.
    public var submissions: [Submission] {
        entries.compactMap { if case .message(let submission) = $0.content { submission } else { nil } }
    }

    /// The records that are not stored as messages.
    ///
    /// - Parameter results: what became of ``submissions``, in their order.
    /// - Returns: the records with their problems, in the order of the batch.
    public func rejected(_ results: [SubmissionResult]) -> [(entry: Entry, problem: RecordProblem)] {
        var next = results.makeIterator()
        return entries.compactMap { entry in
            switch entry.content {
            case .rejected(let problem): return (entry, problem)
            case .message:
                guard case .conflict(let id)? = next.next() else { return nil }
                return (entry, conflict(id))
            }
        }
    }
}

/// What became of a batch.
public enum SourceResult: Sendable, Hashable {
    /// Stored. Holds a result for each message of the batch, in order, and how many records were rejected.
    case stored([SubmissionResult], rejected: Int)
    /// Nothing was stored, because another reader has gone on from here. Holds the positions of the source.
    case moved([SourcePartition: Int64])
}
