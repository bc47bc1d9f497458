import SobreModel
import SobreStore

extension Core {
    /// Stores a batch of a log with its positions. Nothing is written when a position is not the expected one.
    func enqueue(_ batch: SourceBatch) throws(StoreError) -> SourceResult {
        for move in batch.moves where try position(of: move.partition, in: batch.source) != move.from {
            return .moved(try SourceColumns.positions(of: batch.source, on: connection))
        }
        let results = try enqueue(batch.submissions)
        let rejected = batch.rejected(results)
        for (entry, problem) in rejected { try reject(entry, of: batch.source, problem) }
        if !rejected.isEmpty { try dropRejects(beyond: batch.maxRejects) }
        for move in batch.moves {
            try cold(
                """
                INSERT INTO source_position VALUES (?, ?, ?, ?)
                ON CONFLICT (source, topic, partition) DO UPDATE SET next = excluded.next
                """
            ).bind(1, batch.source).bind(2, move.partition.topic).bind(3, Int64(move.partition.partition))
                .bind(4, move.to).run()
        }
        return .stored(results, rejected: rejected.count)
    }

    private func position(of partition: SourcePartition, in source: String) throws(StoreError) -> Int64? {
        let row = try cold("SELECT next FROM source_position WHERE source = ? AND topic = ? AND partition = ?")
            .bind(1, source).bind(2, partition.topic).bind(3, Int64(partition.partition))
        defer { row.reset() }
        return try row.step() ? row.int(0) : nil
    }

    /// Keeps a rejected record. One that was rejected before at the same place is replaced.
    private func reject(
        _ entry: SourceBatch.Entry, of source: String, _ problem: RecordProblem
    ) throws(StoreError) {
        let row = try cold(
            """
            INSERT OR REPLACE INTO source_reject (
                source, topic, partition, position, at, code, problem, recipient, size, record
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).bind(1, source).bind(2, entry.partition.topic).bind(3, Int64(entry.partition.partition))
            .bind(4, entry.offset).bind(5, now()).bind(6, problem.code).bind(7, problem.message)
            .bind(8, entry.recipient?.stored).bind(9, Int64(entry.size)).bind(10, entry.bytes)
        try row.run()
    }

    private func dropRejects(beyond count: Int) throws(StoreError) {
        try cold(
            """
            DELETE FROM source_reject WHERE seq <= coalesce(
                (SELECT seq FROM source_reject ORDER BY seq DESC LIMIT 1 OFFSET ?), 0)
            """
        ).bind(1, Int64(max(0, count))).run()
    }

    func pruneRejects(before: Instant, limit: Int) throws(StoreError) -> Int {
        let row = try cold(
            "DELETE FROM source_reject WHERE seq IN (SELECT seq FROM source_reject WHERE at < ? ORDER BY seq LIMIT ?)"
        ).bind(1, before).bind(2, Int64(limit))
        try row.run()
        return row.changes
    }

    /// Removes the rejected records that name a recipient.
    func eraseRejects(of names: [KeyHash]) throws(StoreError) {
        for name in names {
            let row = try cold("DELETE FROM source_reject WHERE recipient = ?").bind(1, name)
            try row.run()
            if row.changes > 0 { logCleaning.isDue = true }
        }
    }
}
