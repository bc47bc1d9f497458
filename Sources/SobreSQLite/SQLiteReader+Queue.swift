public import SobreModel
public import SobreStore

extension SQLiteReader {
    /// The queue in numbers. Reads the whole queue, because only the process that owns the store keeps counts.
    public func queue(at now: Instant, limit: Int) async throws(StoreError) -> QueueSummary {
        try await read { db throws(StoreError) in
            let counters = QueueCounters(maxCampaigns: .max)
            _ = try counters.load(db)
            var counts = counters.counts
            let open = try Statement(
                """
                SELECT count(*) FROM attempt WHERE state = 0
                AND id >= coalesce((SELECT value FROM meta WHERE name = 'open_from'), 0)
                """, on: db)
            if try open.step() { counts.inFlight = Int(open.int(0)) }
            return try Self.summary(counts, at: now, limit: limit, on: db)
        }
    }

    /// Adds to counts what a few look-ups in the queue tell: due times, and the oldest of each group.
    static func summary(
        _ counts: QueueCounters.Counts, at now: Instant, limit: Int, on db: OpaquePointer
    ) throws(StoreError) -> QueueSummary {
        let sorted = counts.groups.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        var summary = QueueSummary(
            at: now, inFlight: counts.inFlight, omittedGroups: max(0, sorted.count - max(0, limit)))
        for (key, count) in sorted {
            summary.waiting += count
            if let index = summary.channels.firstIndex(where: { $0.channel == key.channel }) {
                summary.channels[index].waiting += count
            } else {
                summary.channels.append(.init(channel: key.channel, waiting: count))
            }
        }
        summary.channels.sort { $0.channel < $1.channel }
        let sections = try openSections(on: db, at: now)
        for index in summary.channels.indices {
            for section in sections { try addDueTimes(of: section, to: &summary.channels[index], at: now, on: db) }
        }
        let oldest = try Statement(
            """
            SELECT since FROM queue INDEXED BY queue_by_state WHERE state <> \(DeliveryState.queued.rawValue)
            AND state = ? AND campaign = ? AND reason = ? AND channel = ? ORDER BY since LIMIT 1
            """, on: db)
        for (key, count) in sorted.prefix(max(0, limit)) {
            let name = key.campaign.flatMap { counts.campaigns[$0]?.name }
            var group = QueueSummary.Group(
                state: key.state, channel: key.channel, campaign: name, isOfFurtherCampaigns: key.campaign == nil,
                reason: key.reason, count: count)
            if let campaign = key.campaign, key.state != .queued {
                oldest.bind(1, Int64(key.state.rawValue)).bind(2, campaign).bind(3, key.reason)
                    .bind(4, Int64(key.channel.rawValue))
                defer { oldest.reset() }
                if try oldest.step() { group.oldestAt = Instant(milliseconds: oldest.int(0)) }
            }
            summary.groups.append(group)
        }
        return summary
    }

    /// The first due delivery of each rank, and the first that is not due, are found through the primary key.
    private static func addDueTimes(
        of section: Int64, to totals: inout QueueSummary.ChannelTotals, at now: Instant, on db: OpaquePointer
    ) throws(StoreError) {
        let due = try Statement(
            """
            SELECT due_at FROM queue WHERE section = ? AND channel = ? AND rank = ? AND due_at <= ?
            ORDER BY due_at LIMIT 1
            """, on: db)
        let next = try Statement(
            """
            SELECT due_at FROM queue WHERE section = ? AND channel = ? AND rank = ? AND due_at > ?
            ORDER BY due_at LIMIT 1
            """, on: db)
        let times: [(Statement, WritableKeyPath<QueueSummary.ChannelTotals, Instant?>)] = [
            (due, \.oldestDueAt), (next, \.nextDueAt),
        ]
        for rank in Core.ranks {
            for (row, time) in times {
                row.bind(1, section).bind(2, Int64(totals.channel.rawValue)).bind(3, rank).bind(4, now)
                defer { row.reset() }
                guard try row.step() else { continue }
                let dueAt = Instant(milliseconds: row.int(0))
                totals[keyPath: time] = min(totals[keyPath: time] ?? dueAt, dueAt)
            }
        }
    }
}

extension QueueCounters.Key: Comparable {
    /// Any fixed order, so that groups of one size do not change places from answer to answer.
    static func < (a: QueueCounters.Key, b: QueueCounters.Key) -> Bool {
        (a.state.rawValue, a.channel.rawValue, a.campaign ?? .none, a.reason)
            < (b.state.rawValue, b.channel.rawValue, b.campaign ?? .none, b.reason)
    }
}

extension SQLiteStore: StateStore {
    /// The queue in numbers, from the counts that the writer keeps.
    public func queue(at now: Instant, limit: Int) async throws(StoreError) -> QueueSummary {
        let counts = counters.counts
        return try await reader.read { db throws(StoreError) in
            try SQLiteReader.summary(counts, at: now, limit: limit, on: db)
        }
    }

    public func messages(
        _ filter: StateFilter, after cursor: StateCursor?, limit: Int
    ) async throws(StoreError) -> StatePage {
        try await reader.messages(filter, after: cursor, limit: limit)
    }

    public func messages(_ ids: [MessageID]) async throws(StoreError) -> [MessageStatus] {
        try await reader.messages(ids)
    }

    public func possiblySent(_ deliveries: [DeliveryID]) async throws(StoreError) -> Set<DeliveryID> {
        try await reader.possiblySent(deliveries)
    }
}
