public import SobreModel
public import SobreStore

extension SQLiteReader {
    /// The waiting deliveries by channel and state. The duration grows with the backlog: about 50 ms for a million
    /// deliveries.
    ///
    /// - Parameter now: Deliveries that are due at this time count as due.
    /// - Returns: The counts, and for each channel when its longest overdue delivery became due.
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
            for section in try Self.openSections(on: db, at: now) {
                try Self.addOldest(of: section, to: &backlog, on: db, at: now)
            }
            return backlog
        }
    }

    /// The sections of the queue that no pause holds back.
    static func openSections(on db: OpaquePointer, at now: Instant) throws(StoreError) -> [Int64] {
        let next = try Statement(
            """
            SELECT min(section) FROM queue WHERE section > ?1 AND section NOT IN (
                SELECT section FROM pause WHERE until IS NULL OR until > ?2)
            """, on: db)
        var sections: [Int64] = [0]
        while true {
            next.bind(1, sections[sections.count - 1]).bind(2, now)
            defer { next.reset() }
            guard try next.step(), !next.isNull(0) else { return sections }
            sections.append(next.int(0))
        }
    }

    /// The first row of each rank is read from the primary key.
    private static func addOldest(
        of section: Int64, to backlog: inout Backlog, on db: OpaquePointer, at now: Instant
    ) throws(StoreError) {
        let head = try Statement(
            """
            SELECT due_at FROM queue WHERE section = ? AND channel = ? AND rank = ? AND due_at <= ?
            ORDER BY due_at LIMIT 1
            """, on: db)
        for channel in Channel.allCases {
            for rank in Core.ranks {
                head.bind(1, section).bind(2, Int64(channel.rawValue)).bind(3, rank).bind(4, now)
                defer { head.reset() }
                guard try head.step() else { continue }
                let dueAt = Instant(milliseconds: head.int(0))
                backlog.oldestDue[channel] = min(backlog.oldestDue[channel] ?? dueAt, dueAt)
            }
        }
    }
}

extension SQLiteStore {
    /// The waiting deliveries by channel and state, read without the writer. See ``SQLiteReader/backlog(at:)``.
    public func backlog(at now: Instant) async throws(StoreError) -> Backlog { try await reader.backlog(at: now) }
}
