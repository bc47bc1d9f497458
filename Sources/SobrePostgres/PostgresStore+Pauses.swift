import Postgres
public import SobreModel
import SobreSettings
public import SobreStore
import Synchronization

/// Pauses of sending.
///
/// The queue keeps what a pause holds in the pause's section. Claims take section 0 and every section that no pause has.
/// So a pause ends when its row is removed or gets another section, and nothing is moved then.
extension PostgresStore: PauseStore {
    private static let lock = PreparedStatement("pause_lock", "LOCK TABLE pause IN SHARE ROW EXCLUSIVE MODE")
    /// Whoever has locked all buckets knows that no decision is being made. Those made afterwards see the change.
    private static let barrier = PreparedStatement(
        "pause_barrier", "SELECT id FROM bucket ORDER BY id FOR NO KEY UPDATE")
    private static let next = PreparedStatement(
        "pause_next", "SELECT nextval(pg_get_serial_sequence('pause', 'id'))")
    private static let count = PreparedStatement(
        "pause_count", "UPDATE pause_change SET number = number + 1 RETURNING number")
    private static let put = PreparedStatement(
        "pause_put",
        """
        INSERT INTO pause (\(PauseRow.list)) OVERRIDING SYSTEM VALUE
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        ON CONFLICT (id) DO UPDATE SET section = excluded.section, until = excluded.until, reason = excluded.reason,
            ordered_by = excluded.ordered_by
        """)
    private static let delete = PreparedStatement("pause_delete", "DELETE FROM pause WHERE id = $1")
    /// A message that no provider may take is held with the pause of one of them, and this may have been another.
    private static let freeProviders = PreparedStatement(
        "pause_free",
        """
        UPDATE pause SET section = nextval(pg_get_serial_sequence('pause', 'id')) WHERE provider IS NOT NULL
            AND EXISTS (SELECT FROM bucket JOIN queue ON queue.bucket = bucket.id AND queue.section = pause.section)
        """)
    private static let statuses = PreparedStatement(
        "pause_status",
        """
        SELECT \(PauseRow.list), (
            SELECT count(*) FROM bucket JOIN queue ON queue.bucket = bucket.id AND queue.section = pause.section)
        FROM pause WHERE until IS NULL OR until > $1 ORDER BY id
        """)

    /// All pauses after a change, with the number of the change, which increases.
    private struct Change<Value: Sendable>: Sendable {
        var value: Value
        var number: Int64
        var pauses: [SendingPause]
    }

    public func pause(
        _ filter: DeliveryFilter, until: Instant?, reason: String, by: String
    ) async throws(StoreError) -> (pause: SendingPause, isNew: Bool)? {
        let author = Author(name: Author.current?.name ?? by, note: reason)
        let most = configuration.limits.maxPauses
        return try await changePauses { connection, all, now -> (pause: SendingPause, isNew: Bool)? in
            for (ended, _) in all where !ended.isInForce(at: now) { try Self.end(ended, connection) }
            let known = all.first { $0.pause.filter == filter && $0.pause.isInForce(at: now) }
            if known == nil, all.count(where: { $0.pause.isInForce(at: now) }) >= most { return nil }
            var pause = SendingPause(id: 0, filter: filter, since: now, until: until, reason: reason, by: by)
            var section = known?.section ?? 0
            if let known { (pause.id, pause.since) = (known.pause.id, known.pause.since) }
            if known?.pause.until != until || known == nil {
                // What it holds is decided once more, up to the new end.
                section = try connection.query(Self.next)[0].int(0)
                if known == nil { pause.id = section }
            }
            try Self.write(pause, section, connection)
            try Self.audit(
                connection, .pause, filter.description, detail: until.map { "until \($0.rfc3339)" } ?? "", by: author,
                at: now)
            return (pause, known == nil)
        }
    }

    public func resume(_ id: Int64) async throws(StoreError) -> SendingPause? {
        let author = Author.current
        return try await changePauses { connection, all, now -> SendingPause? in
            guard let pause = all.first(where: { $0.pause.id == id })?.pause else { return nil }
            try Self.end(pause, connection)
            try Self.audit(
                connection, .resume, pause.filter.description, detail: "paused by \(pause.by)", by: author, at: now)
            return pause
        }
    }

    public func pauses(at now: Instant) async throws(StoreError) -> [PauseStatus] {
        try await read { connection in
            try connection.query(Self.statuses, now.milliseconds).map { row in
                PauseStatus(pause: try PauseRow.read(row).pause, held: Int(try row.int(13)))
            }
        }
    }

    /// Changes the pauses, one change at a time on all nodes, and waits for the decisions that are being made.
    private func changePauses<Value: Sendable>(
        _ body:
            @escaping @Sendable (
                PostgresConnection, [(pause: SendingPause, section: Int64)], Instant
            ) throws -> Value
    ) async throws(StoreError) -> Value {
        let clock = clock
        let change = try await write { connection, _ in
            try connection.send(Self.lock)
            let all = try connection.query(PauseRow.all).map { try PauseRow.read($0) }
            let value = try body(connection, all, try clock.now(connection))
            let number = try connection.query(Self.count)[0].int(0)
            let left = try connection.query(PauseRow.all).map { try PauseRow.read($0).pause }
            try connection.send(Self.barrier)
            return Change(value: value, number: number, pauses: left)
        }
        learn(change.pauses, change.number)
        return change.value
    }

    /// Takes over what is read of the pauses, unless something newer is known.
    ///
    /// - Parameters:
    ///   - pauses: all pauses.
    ///   - number: the number of the change that made them so.
    func learn(_ pauses: [SendingPause], _ number: Int64) {
        newestPauses.withLock { newest in
            if number <= newest { return }
            newest = number
            pausesInForce.replace(with: pauses)
        }
    }

    private static func end(_ pause: SendingPause, _ connection: PostgresConnection) throws {
        try connection.send(delete, pause.id)
        if pause.filter.provider != nil { try connection.send(freeProviders) }
    }

    private static func write(_ pause: SendingPause, _ section: Int64, _ connection: PostgresConnection) throws {
        let filter = pause.filter
        try connection.send(
            put, pause.id, section, pause.since.milliseconds, pause.until?.milliseconds, pause.reason, pause.by,
            filter.campaign, filter.category, filter.channel.map { Int64($0.rawValue) }, filter.journey,
            filter.provider, filter.template, filter.tenant)
    }
}
