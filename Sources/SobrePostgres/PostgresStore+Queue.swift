import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore: QueueStore {
    private static let next = PreparedStatement(
        "queue_next",
        """
        SELECT least(
            (SELECT min(due_at) FROM queue WHERE delivery <> ALL($1) AND section NOT IN (
                SELECT section FROM pause WHERE until IS NULL OR until > $2)),
            (SELECT min(wake_at) FROM queue WHERE delivery <> ALL($1)),
            (SELECT min(until) FROM pause WHERE until > $2 AND EXISTS (
                SELECT FROM queue WHERE queue.section > 0 AND queue.section = pause.section)))
        """)
    private static let sizes = PreparedStatement(
        "queue_sizes",
        """
        SELECT (SELECT count(*) FROM queue),
            (SELECT count(*) FROM attempt WHERE state = \(LedgerEntry.State.reserved.rawValue))
        """)

    public func nextDueAt() async throws(StoreError) -> Instant? {
        let (clock, claims) = (clock, claims)
        return try await read { connection in
            let now = try clock.now(connection)
            return try connection.query(Self.next, claims.deliveries(at: now), now.milliseconds).first?.instant(0)
        }
    }

    /// Work that arrives on other nodes is found within 50 ms.
    public func waitForWork(atMost: Duration, least: Priority) async { await work.wait(atMost: atMost) }

    /// Claims of other nodes are not counted as claimed, because they are kept in those nodes' memory.
    public func depth() async throws(StoreError) -> QueueDepth {
        let (clock, claims) = (clock, claims)
        return try await read { connection in
            let now = try clock.now(connection)
            let row = try connection.query(Self.sizes)[0]
            return QueueDepth(
                waiting: Int(try row.int(0)), claimed: claims.count(at: now), inFlight: Int(try row.int(1)))
        }
    }
}
