public import SobreModel
public import SobreStore

extension SQLiteReader {
    /// What waits, by channel and state. Its time grows with the backlog: about 50 ms for a million deliveries.
    ///
    /// - Parameter now: what is due by then counts as due.
    /// - Returns: the counts, and how long it has been due what has been due longest.
    /// - Throws: `StoreError` when the file cannot be read.
    public func backlog(at now: Instant) async throws(StoreError) -> Backlog {
        try await read { db throws(StoreError) in
            var backlog = Backlog()
            let counts = try Statement("SELECT channel, state, count(*) FROM queue GROUP BY channel, state", on: db)
            while try counts.step() {
                backlog.items.append(
                    .init(
                        channel: try counts.value(0, in: "queue.channel", of: 0),
                        state: try counts.value(1, in: "queue.state", of: 0), count: Int(counts.int(2))))
            }
            // The head of each rank, from the key.
            let head = try Statement(
                "SELECT due_at FROM queue WHERE channel = ? AND rank = ? AND due_at <= ? ORDER BY due_at LIMIT 1",
                on: db)
            for channel in Channel.allCases {
                for rank in Core.ranks {
                    head.bind(1, Int64(channel.rawValue)).bind(2, rank).bind(3, now)
                    defer { head.reset() }
                    guard try head.step() else { continue }
                    let dueAt = Instant(milliseconds: head.int(0))
                    backlog.oldestDue[channel] = min(backlog.oldestDue[channel] ?? dueAt, dueAt)
                }
            }
            return backlog
        }
    }
}

extension SQLiteStore {
    /// What waits, by channel and state, read beside the writer. See ``SQLiteReader/backlog(at:)``.
    public func backlog(at now: Instant) async throws(StoreError) -> Backlog { try await reader.backlog(at: now) }
}
