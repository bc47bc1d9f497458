import GRDBSQLite
public import SobreModel
public import SobreStore

extension SQLiteStore: SourceStore {
    public func enqueue(_ batch: SourceBatch) async throws(StoreError) -> SourceResult {
        let submissions = batch.submissions
        for submission in submissions where submission.draft.channels.isEmpty {
            throw StoreError(
                .internal, "A message for template \(submission.draft.template) names no channel; name at least one.")
        }
        let isUrgent = !submissions.isEmpty && submissions.allSatisfy(\.draft.priority.isUrgent)
        return try await writer.perform(isUrgent: isUrgent) { core throws(StoreError) in try core.enqueue(batch) }
    }

    public func pruneRejects(before: Instant, limit: Int) async throws(StoreError) -> Int {
        if limit <= 0 { return 0 }
        return try await writer.perform { core throws(StoreError) in
            try core.pruneRejects(before: before, limit: limit)
        }
    }

    public func positions(of source: String) async throws(StoreError) -> [SourcePartition: Int64] {
        try await reader.positions(of: source)
    }

    public func rejects(
        ofSource source: String?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [RejectedRecord] {
        try await reader.rejects(ofSource: source, before: sequence, limit: limit)
    }

    public func rejectCounts() async throws(StoreError) -> [String: Int] { try await reader.rejectCounts() }
}

extension SQLiteReader {
    public func positions(of source: String) async throws(StoreError) -> [SourcePartition: Int64] {
        try await read { db throws(StoreError) in try SourceColumns.positions(of: source, on: db) }
    }

    public func rejects(
        ofSource source: String?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [RejectedRecord] {
        try await read { db throws(StoreError) in
            let row = try Statement(
                """
                SELECT seq, source, topic, partition, position, at, code, problem, size, record FROM source_reject
                WHERE (?1 IS NULL OR source = ?1) AND seq < ?2 ORDER BY seq DESC LIMIT ?3
                """, on: db
            ).bind(1, source).bind(2, sequence ?? .max).bind(3, Int64(max(0, limit)))
            var found: [RejectedRecord] = []
            while try row.step() {
                found.append(
                    RejectedRecord(
                        sequence: row.int(0), source: row.string(1),
                        partition: SourcePartition(
                            topic: row.string(2), partition: Int32(truncatingIfNeeded: row.int(3))),
                        offset: row.int(4), rejectedAt: Instant(milliseconds: row.int(5)),
                        problem: RecordProblem(code: row.string(6), message: row.string(7)), size: Int(row.int(8)),
                        bytes: row.bytes(9)))
            }
            return found
        }
    }

    public func rejectCounts() async throws(StoreError) -> [String: Int] {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT source, count(*) FROM source_reject GROUP BY source", on: db)
            var counts: [String: Int] = [:]
            while try row.step() { counts[row.string(0)] = Int(row.int(1)) }
            return counts
        }
    }
}

/// Reads the positions of a log, on the writer's connection and on the reader's.
enum SourceColumns {
    static func positions(
        of source: String, on connection: OpaquePointer
    ) throws(StoreError) -> [SourcePartition: Int64] {
        let row = try Statement("SELECT topic, partition, next FROM source_position WHERE source = ?", on: connection)
            .bind(1, source)
        var positions: [SourcePartition: Int64] = [:]
        while try row.step() {
            let partition = SourcePartition(topic: row.string(0), partition: Int32(truncatingIfNeeded: row.int(1)))
            positions[partition] = row.int(2)
        }
        return positions
    }
}
