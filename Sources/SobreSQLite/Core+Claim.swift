import SobreModel
import SobreStore

extension Core {
    func claim(
        limit: Int, lease length: Duration, channels: Set<Channel>, least: Priority
    ) throws(StoreError) -> [ClaimedDelivery] {
        let now = now()
        endExpiredLeases(now)
        noteClaim(least: least, now: now)
        let ordered = channels.sorted()
        var claimed: [ClaimedDelivery] = []
        claimed.reserveCapacity(min(limit, snapshot.waiting))
        for rank in Self.ranks where claimed.count < limit && rank <= Self.rank(least) {
            try claim(rank: rank, limit: limit, until: now + length, ordered, now: now, into: &claimed)
        }
        if claimed.count >= limit { signal(for: least).moreIsLeft() }
        return claimed
    }

    /// Merges the partitions of the channels in one rank by due time and ID.
    private func claim(
        rank: Int64, limit: Int, until: Instant, _ channels: [Channel], now: Instant,
        into claimed: inout [ClaimedDelivery]
    ) throws(StoreError) {
        var heads: [(channel: Channel, row: Statement, key: QueueKey)] = []
        // An unfinished read would keep the transaction open.
        defer { for head in heads { head.row.reset() } }
        for channel in channels {
            let cursor = snapshot.cursors[Self.partition(channel, rank)]
            let row = sql.scanQueue[channel.index]
            row.bind(1, Int64(channel.rawValue)).bind(2, rank).bind(3, cursor.dueAt).bind(4, cursor.delivery)
                .bind(5, now)
            if let key = try nextUnleased(row) { heads.append((channel, row, key)) }
        }
        while claimed.count < limit, let first = heads.indices.min(by: { heads[$0].key < heads[$1].key }) {
            let head = heads[first]
            try take(head.row, channel: head.channel, rank: rank, key: head.key, until: until, into: &claimed)
            if let key = try nextUnleased(head.row) {
                heads[first].key = key
            } else {
                heads.remove(at: first)
            }
        }
    }

    private func nextUnleased(_ row: Statement) throws(StoreError) -> QueueKey? {
        while try row.step() {
            let key = QueueKey(dueAt: row.int(0), delivery: row.int(1))
            if leases[key.delivery] == nil { return key }
        }
        return nil
    }

    private func take(
        _ row: Statement, channel: Channel, rank: Int64, key: QueueKey, until: Instant,
        into claimed: inout [ClaimedDelivery]
    ) throws(StoreError) {
        snapshot.cursors[Self.partition(channel, rank)] = key
        let delivery = DeliveryID(rawValue: key.delivery)
        guard let message = try message(delivery.message) else { return }
        if message.plan(of: delivery).isEmpty {
            throw .unreadable("a delivery on no channel of its message", in: "queue.delivery", of: key.delivery)
        }
        let lease = Lease(
            epoch: snapshot.nextEpoch, until: until, channel: channel, rank: rank, key: key,
            state: try row.value(2, in: "queue.state", of: key.delivery),
            attempts: Int(row.int(3)), flags: QueueFlags(rawValue: row.int(4)))
        snapshot.nextEpoch += 1
        snapshot.leasesEndAfter = min(snapshot.leasesEndAfter, until)
        setLease(lease, for: key.delivery)
        claimed.append(
            ClaimedDelivery(
                claim: Claim(delivery: delivery, epoch: lease.epoch), message: message,
                profile: try person(message.recipient)?.profile, attempts: lease.attempts,
                possibleDuplicate: lease.flags.contains(.possibleDuplicate),
                channel: lease.flags.contains(.hasBegun) ? channel : nil,
                beginsAtChannel: lease.flags.contains(.beginsAtChannel),
                provider: lease.flags.contains(.possibleDuplicate) ? try lastProvider(of: delivery) : nil,
                dueAt: Instant(milliseconds: key.dueAt)))
    }

    /// The provider that the delivery was last handed to.
    private func lastProvider(of delivery: DeliveryID) throws(StoreError) -> String? {
        let row = try cold(
            """
            SELECT provider FROM (
                SELECT seq, provider FROM log WHERE seq IN (\(DeliveryEntries.sequences)) AND provider IS NOT NULL
                UNION ALL SELECT id, provider FROM attempt WHERE delivery = ?1 AND last_entry IS NOT NULL)
            ORDER BY seq DESC LIMIT 1
            """
        ).bind(1, delivery.rawValue)
        defer { row.reset() }
        return try row.step() ? row.string(0) : nil
    }

    func message(_ id: MessageID) throws(StoreError) -> Message? {
        sql.message.bind(1, id.rawValue)
        guard try sql.message.step() else { return nil }
        defer { sql.message.reset() }
        return try MessageColumns.read(sql.message)
    }

    func giveBack(_ claims: [Claim]) {
        for claim in claims {
            guard let lease = leases[claim.delivery.rawValue], lease.epoch == claim.epoch else { continue }
            endLease(claim.delivery.rawValue)
            rewind(to: lease.key, partition: lease.partition)
            signalMoreIsLeft(rank: lease.rank)
        }
    }

    /// The earliest due time of the deliveries that wait and are not claimed. With `after`, only due times later than
    /// that count; with `least`, only deliveries of at least that priority.
    func nextDueAt(after: Instant? = nil, least: Priority = .low) throws(StoreError) -> Instant? {
        var earliest: Int64?
        for channel in Channel.allCases {
            for rank in Self.ranks where rank <= Self.rank(least) {
                // Everything up to the cursor is claimed.
                var from = snapshot.cursors[Self.partition(channel, rank)]
                if let after { from = max(from, QueueKey(dueAt: after.milliseconds, delivery: .max)) }
                let row = sql.scanQueue[channel.index]
                row.bind(1, Int64(channel.rawValue)).bind(2, rank).bind(3, from.dueAt).bind(4, from.delivery)
                    .bind(5, Int64.max)
                defer { row.reset() }
                if let key = try nextUnleased(row) { earliest = min(earliest ?? .max, key.dueAt) }
            }
        }
        return earliest.map { Instant(milliseconds: $0) }
    }

    func depth() -> QueueDepth {
        endExpiredLeases(now())
        return QueueDepth(waiting: snapshot.waiting, claimed: leases.count, inFlight: open.count)
    }
}
