import JSON
import SobreModel
import SobreSettings
public import SobreStore

extension Intake {
    /// Reads a record of a log as one message, by the rules of a line of NDJSON.
    ///
    /// - Parameters:
    ///   - bytes: the record.
    ///   - partition: where it stands.
    ///   - offset: its place there.
    /// - Returns: the message, or why the record cannot become one.
    public func entry(of bytes: [UInt8], in partition: SourcePartition, at offset: Int64) -> SourceBatch.Entry {
        var recipient: KeyHash?
        let content: SourceBatch.Entry.Content
        do {
            let document = try JSONDocument.parse(bytes, limits: jsonLimits)
            recipient = document.root["recipient"]?.string.map(KeyHash.recipient)
            switch judge(document.root, line: 1, outerKey: nil, isBatch: true) {
            case .ready(_, let submission): content = .message(submission)
            case .rejected(_, _, let problem): content = .rejected(RecordProblem(problem))
            }
        } catch {
            content = .rejected(RecordProblem(IntakeProblem(error)))
        }
        let kept = bytes.count > limits.maxRejectBytes ? Array(bytes.prefix(limits.maxRejectBytes)) : bytes
        return SourceBatch.Entry(
            partition: partition, offset: offset, content: content, recipient: recipient, size: bytes.count,
            bytes: kept)
    }

    /// The records of a log as one transaction.
    ///
    /// - Parameters:
    ///   - source: the name of the source.
    ///   - entries: the records.
    ///   - moves: the positions after them.
    /// - Returns: the batch.
    public func batch(
        of source: String, _ entries: [SourceBatch.Entry], _ moves: [SourceBatch.Move]
    ) -> SourceBatch {
        SourceBatch(source: source, entries: entries, moves: moves, maxRejects: limits.maxRejects) { id in
            RecordProblem(IntakeProblem.conflict(with: id, line: nil))
        }
    }
}

extension RecordProblem {
    /// Without a line: a record has none.
    fileprivate init(_ problem: IntakeProblem) {
        var problem = problem
        problem.line = nil
        self.init(code: problem.code.rawValue, message: problem.description)
    }
}
