import Postgres
public import SobreModel
public import SobreStore

/// What is taken from logs. Positions are compared and changed under the locks of their rows, so that of two readers of
/// one partition a single one goes on.
extension PostgresStore: SourceStore {
    private static let readPositions = PreparedStatement(
        "source_positions", "SELECT topic, partition, next FROM source_position WHERE source = $1")
    private static let lockPosition = PreparedStatement(
        "source_lock",
        "SELECT next FROM source_position WHERE source = $1 AND topic = $2 AND partition = $3 FOR NO KEY UPDATE")
    private static let beginPosition = PreparedStatement(
        "source_begin", "INSERT INTO source_position VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
    private static let movePosition = PreparedStatement(
        "source_move", "UPDATE source_position SET next = $4 WHERE source = $1 AND topic = $2 AND partition = $3")
    /// A record that was rejected before at the same place is replaced, as the newest.
    private static let putReject = PreparedStatement(
        "source_reject",
        """
        INSERT INTO source_reject (source, topic, partition, position, at, code, problem, recipient, size, record)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (source, topic, partition, position) DO UPDATE SET id = DEFAULT, at = excluded.at,
            code = excluded.code, problem = excluded.problem, recipient = excluded.recipient, size = excluded.size,
            record = excluded.record
        """)
    private static let dropRejects = PreparedStatement(
        "source_drop",
        "DELETE FROM source_reject WHERE id <= (SELECT id FROM source_reject ORDER BY id DESC OFFSET $1 LIMIT 1)")
    private static let prune = PreparedStatement(
        "source_prune",
        "DELETE FROM source_reject WHERE id IN (SELECT id FROM source_reject WHERE at < $1 ORDER BY id LIMIT $2)")
    private static let readRejects = PreparedStatement(
        "source_rejects",
        """
        SELECT id, source, topic, partition, position, at, code, problem, size, record FROM source_reject
        WHERE ($1::text IS NULL OR source = $1) AND id < $2 ORDER BY id DESC LIMIT $3
        """)
    private static let countRejects = PreparedStatement(
        "source_counts", "SELECT source, count(*) FROM source_reject GROUP BY source")

    /// Stores a batch; see ``SobreStore/SourceStore/enqueue(_:)``.
    ///
    /// When the answer to COMMIT is lost, the positions say whether the batch was stored: the same batch again gets
    /// ``SobreStore/SourceResult/moved(_:)`` then.
    public func enqueue(_ batch: SourceBatch) async throws(StoreError) -> SourceResult {
        let submissions = batch.submissions
        try Self.check(submissions)
        let result = try await write { connection, now -> SourceResult? in
            guard try Self.changePositions(batch, connection) else { return nil }
            let acceptance = try self.plan(submissions, connection)
            try Self.send(acceptance, connection)
            let rejected = try Self.keepRejects(batch, acceptance.results, at: now, connection)
            return .stored(acceptance.results, rejected: rejected)
        }
        if let result { return result }
        return .moved(try await positions(of: batch.source))
    }

    /// Locks the positions in one order for all readers, so that no two wait for each other, and changes them.
    ///
    /// - Returns: false when a position is not the one that the batch begins at. Nothing was changed then.
    /// - Throws: ``LostRace`` when another reader begins one of the partitions, or `PostgresError`.
    private static func changePositions(_ batch: SourceBatch, _ connection: PostgresConnection) throws -> Bool {
        let moves = batch.moves.sorted { $0.partition < $1.partition }
        if moves.isEmpty { return true }
        for change in moves {
            try connection.send(lockPosition, batch.source, change.partition.topic, Int64(change.partition.partition))
        }
        for (change, rows) in zip(moves, try connection.sync()) {
            guard try rows.first?.int(0) == change.from else { return false }
        }
        for change in moves {
            try connection.send(
                change.from == nil ? beginPosition : movePosition, batch.source, change.partition.topic,
                Int64(change.partition.partition), change.to)
        }
        guard try connection.sync().allSatisfy({ $0.affectedRows == 1 }) else { throw LostRace() }
        return true
    }

    /// Keeps the records that could not become messages.
    ///
    /// - Returns: how many there are.
    private static func keepRejects(
        _ batch: SourceBatch, _ results: [SubmissionResult], at now: Instant, _ connection: PostgresConnection
    ) throws -> Int {
        let rejected = batch.rejected(results)
        for (entry, problem) in rejected {
            try connection.send(
                putReject, batch.source, entry.partition.topic, Int64(entry.partition.partition), entry.offset,
                now.milliseconds, problem.code, problem.message, entry.recipient?.stored, entry.size, entry.bytes)
        }
        if !rejected.isEmpty { try connection.send(dropRejects, max(0, batch.maxRejects)) }
        return rejected.count
    }

    public func pruneRejects(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await write { connection, _ in
            try connection.query(Self.prune, before.milliseconds, max(0, limit)).affectedRows
        }
    }

    public func positions(of source: String) async throws(StoreError) -> [SourcePartition: Int64] {
        try await read { connection in
            var positions: [SourcePartition: Int64] = [:]
            for row in try connection.query(Self.readPositions, source) {
                positions[try Self.partition(row, 0)] = try row.int(2)
            }
            return positions
        }
    }

    public func rejects(
        ofSource source: String?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [RejectedRecord] {
        try await read { connection in
            try connection.query(Self.readRejects, source, sequence ?? .max, max(0, limit)).map { row in
                RejectedRecord(
                    sequence: try row.int(0), source: try row.text(1), partition: try Self.partition(row, 2),
                    offset: try row.int(4), rejectedAt: Instant(milliseconds: try row.int(5)),
                    problem: RecordProblem(code: try row.text(6), message: try row.text(7)),
                    size: Int(try row.int(8)), bytes: try row.bytes(9))
            }
        }
    }

    public func rejectCounts() async throws(StoreError) -> [String: Int] {
        try await read { connection in
            var counts: [String: Int] = [:]
            for row in try connection.query(Self.countRejects) { counts[try row.text(0)] = Int(try row.int(1)) }
            return counts
        }
    }

    /// Reads a topic and the partition in the column after it.
    private static func partition(_ row: ResultRow, _ column: Int) throws -> SourcePartition {
        SourcePartition(
            topic: try row.text(column), partition: Int32(truncatingIfNeeded: try row.int(column + 1)))
    }
}
