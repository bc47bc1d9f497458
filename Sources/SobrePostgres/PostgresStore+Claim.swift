import Postgres
public import SobreModel
public import SobreStore
import SobreStoreColumns
import Synchronization

extension PostgresStore {
    /// The sections that no pause has, found one after the other by the index.
    private static let freeSections = PreparedStatement(
        "claim_sections",
        """
        WITH RECURSIVE each AS (
            SELECT min(section) AS section FROM queue WHERE section > 0
            UNION ALL SELECT (SELECT min(section) FROM queue WHERE queue.section > 0 AND queue.section > each.section)
                FROM each WHERE each.section IS NOT NULL)
        SELECT section FROM each WHERE section IS NOT NULL AND section NOT IN (
            SELECT section FROM pause WHERE until IS NULL OR until > $1)
        """)
    /// The partitions that a bucket has are found one after the other by the key, so that those without deliveries cost
    /// nothing.
    private static let due = PreparedStatement(
        "claim_due",
        """
        SELECT \(QueueItem.list), \(MessageRow.qualified) FROM (
            SELECT part.* FROM unnest(($1::int8[])::int4[]) AS b(id), LATERAL (
                WITH RECURSIVE part AS (
                    (SELECT section, channel, rank FROM queue WHERE bucket = b.id
                        ORDER BY section, channel, rank LIMIT 1)
                    UNION ALL SELECT later.* FROM part, LATERAL (
                        SELECT section, channel, rank FROM queue WHERE bucket = b.id
                            AND (section, channel, rank) > (part.section, part.channel, part.rank)
                        ORDER BY section, channel, rank LIMIT 1) AS later)
                SELECT due.* FROM part, LATERAL (
                    SELECT * FROM queue WHERE bucket = b.id AND section = part.section AND channel = part.channel
                        AND rank = part.rank AND due_at <= $5 AND delivery <> ALL($6)
                    ORDER BY due_at, delivery LIMIT $7) AS due
                WHERE part.section = ANY($2) AND part.channel = ANY($3) AND part.rank <= $4) AS part
            ORDER BY part.rank, part.due_at, part.delivery LIMIT $7) AS queue
        JOIN message ON message.bucket = queue.bucket AND message.id = queue.delivery & ~\(DeliveryID.slotMask)::int8
        ORDER BY queue.rank, queue.due_at, queue.delivery
        """)
    /// What a pause holds but which must be decided now, because its message expires.
    private static let expiring = PreparedStatement(
        "claim_expiring",
        """
        SELECT \(QueueItem.list), \(MessageRow.qualified) FROM queue
        JOIN message ON message.bucket = queue.bucket AND message.id = queue.delivery & ~\(DeliveryID.slotMask)::int8
        WHERE queue.bucket = ANY($1) AND queue.wake_at <= $2 AND queue.channel = ANY($3) AND delivery <> ALL($4)
        ORDER BY queue.wake_at, queue.delivery LIMIT $5
        """)
    private static let provider = PreparedStatement(
        "claim_provider",
        """
        SELECT DISTINCT ON (delivery) delivery, provider FROM log
        WHERE bucket = ANY($1) AND delivery = ANY($2) AND provider IS NOT NULL ORDER BY delivery, id DESC
        """)

    /// A due delivery with its message.
    private struct Due {
        var item: QueueItem
        var message: Message
    }

    public func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        if limit <= 0 || channels.isEmpty { return [] }
        let numbers = channels.sorted().map { Int64($0.rawValue) }
        return try await read { connection in
            let now = try self.clock.now(connection)
            self.note(now)
            let terms = self.membership.held
            var found: [Due] = []
            if least == .low { found = try self.expiring(limit, numbers, terms, connection, now) }
            let sections = try [0] + connection.query(Self.freeSections, now.milliseconds).map { try $0.int(0) }
            for turn in self.turns(of: terms.keys.sorted()) where found.count < limit {
                found += try self.due(
                    turn, sections, numbers, least, limit - found.count, connection, now)
            }
            let claimed = try self.take(found, terms, until: now + lease, connection, now)
            if claimed.count >= limit { self.work.signal() }
            return claimed.sorted(by: ClaimedDelivery.isBefore)
        }
    }

    /// The buckets in parts, each call from another one on. A part that is nearly empty is followed by larger ones.
    private func turns(of buckets: [Int]) -> [[Int]] {
        if buckets.isEmpty { return [] }
        let first = nextTurn.withLock { next in
            defer { next += Self.firstTurn }
            return next % buckets.count
        }
        var rest = (buckets[first...] + buckets[..<first])[...]
        var turns: [[Int]] = []
        var size = Self.firstTurn
        while !rest.isEmpty {
            turns.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
            size *= 2
        }
        return turns
    }

    /// How many buckets a claim looks at before it looks at more.
    private static let firstTurn = 32

    private func due(
        _ buckets: [Int], _ sections: [Int64], _ channels: [Int64], _ least: Priority, _ limit: Int,
        _ connection: PostgresConnection, _ now: Instant
    ) throws -> [Due] {
        try connection.query(
            Self.due, buckets, sections, channels, least.rank, now.milliseconds, claims.deliveries(at: now), limit
        ).map(Self.read)
    }

    private func expiring(
        _ limit: Int, _ channels: [Int64], _ terms: [Int: Int64], _ connection: PostgresConnection, _ now: Instant
    ) throws -> [Due] {
        try connection.query(
            Self.expiring, terms.keys.sorted(), now.milliseconds, channels, claims.deliveries(at: now), limit
        ).map(Self.read)
    }

    private static func read(_ row: ResultRow) throws -> Due {
        let item = try QueueItem.read(row)
        let message = try MessageRow.read(row, from: QueueItem.count)
        if message.plan(of: item.delivery).isEmpty {
            throw StoreError.unreadable(
                "a delivery on no channel of its message", in: "queue.delivery", of: item.delivery.rawValue)
        }
        return Due(item: item, message: message)
    }

    private func take(
        _ found: [Due], _ terms: [Int: Int64], until: Instant, _ connection: PostgresConnection, _ now: Instant
    ) throws -> [ClaimedDelivery] {
        if found.isEmpty { return [] }
        let people = try Person.find(named: Set(found.map(\.message.recipient)), connection)
        let repeated = found.filter { $0.item.flags.contains(.possibleDuplicate) }.map(\.item)
        var providers: [DeliveryID: String] = [:]
        if !repeated.isEmpty {
            let rows = try connection.query(
                Self.provider, Set(repeated.map(\.bucket)).sorted(), repeated.map(\.delivery.rawValue))
            for row in rows { providers[DeliveryID(rawValue: try row.int(0))] = try row.text(1) }
        }
        return found.compactMap { due in
            let item = due.item
            let person = people[due.message.recipient]
            guard let term = terms[item.bucket],
                let epoch = claims.take(item, of: person, term: term, until: until, at: now)
            else { return nil }
            return ClaimedDelivery(
                claim: Claim(delivery: item.delivery, epoch: epoch), message: due.message,
                profile: person?.profile, attempts: item.attempts,
                possibleDuplicate: item.flags.contains(.possibleDuplicate),
                channel: item.flags.contains(.hasBegun) ? item.channel : nil,
                beginsAtChannel: item.flags.contains(.beginsAtChannel), provider: providers[item.delivery],
                dueAt: item.dueAt)
        }
    }

    public func giveBack(_ given: [Claim]) async { if claims.end(given) { work.signal() } }
}
