import SobreModel
import SobreStore
import SobreStoreColumns

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
        if least == .low, snapshot.nextWakeAt <= now {
            try claimExpiring(limit: limit, until: now + length, ordered, now: now, into: &claimed)
        }
        for rank in Self.ranks where claimed.count < limit && rank <= Self.rank(least) {
            try claim(rank: rank, limit: limit, until: now + length, ordered, now: now, into: &claimed)
        }
        if claimed.count >= limit { signal(for: least).moreIsLeft() }
        if !snapshot.freed.isEmpty { try forgetEmptySections() }
        return claimed
    }

    /// A row of the queue at the head of one of the partitions that a claim merges.
    private struct Head {
        var section: Int64
        var channel: Channel
        var row: Statement
        var key: QueueKey
    }

    /// Merges the partitions of the channels in one rank by due time and ID: those of section 0, and those of pauses that
    /// have ended.
    private func claim(
        rank: Int64, limit: Int, until: Instant, _ channels: [Channel], now: Instant,
        into claimed: inout [ClaimedDelivery]
    ) throws(StoreError) {
        var heads: [Head] = []
        // An unfinished read would keep the transaction open.
        defer { for head in heads { head.row.reset() } }
        for channel in channels {
            let cursor = snapshot.cursors[Self.partition(channel, rank)]
            let row = sql.scanQueue[channel.index]
            try begin(row, section: 0, channel, rank, after: cursor, upTo: now, &heads)
        }
        if !snapshot.freed.isEmpty {
            for (place, (section, cursors)) in snapshot.freed.sorted(by: { $0.key < $1.key }).enumerated() {
                for channel in channels {
                    let row = try sectionScan(place * Channel.allCases.count + channel.index)
                    let cursor = cursors[Self.partition(channel, rank)]
                    try begin(row, section: section, channel, rank, after: cursor, upTo: now, &heads)
                }
            }
        }
        while claimed.count < limit, let first = heads.indices.min(by: { heads[$0].key < heads[$1].key }) {
            let head = heads[first]
            if head.section == 0 {
                snapshot.cursors[Self.partition(head.channel, rank)] = head.key
            } else {
                snapshot.freed[head.section]?[Self.partition(head.channel, rank)] = head.key
            }
            let lease = Lease(
                epoch: snapshot.nextEpoch, until: until, section: head.section, channel: head.channel, rank: rank,
                key: head.key, state: try head.row.value(2, in: "queue.state", of: head.key.delivery),
                attempts: Int(head.row.int(3)), flags: QueueFlags(rawValue: head.row.int(4)),
                campaign: head.row.keyHash(5), reason: head.row.string(6))
            try take(lease, into: &claimed)
            if let key = try nextUnleased(head.row) {
                heads[first].key = key
            } else {
                heads.remove(at: first)
            }
        }
    }

    /// Begins to read a partition. One without a row to claim is left out.
    private func begin(
        _ row: Statement, section: Int64, _ channel: Channel, _ rank: Int64, after cursor: QueueKey, upTo now: Instant,
        _ heads: inout [Head]
    ) throws(StoreError) {
        bind(row, section: section, channel, rank, after: cursor, upTo: now.milliseconds)
        guard let key = try nextUnleased(row) else { return }
        heads.append(Head(section: section, channel: channel, row: row, key: key))
    }

    private func bind(
        _ row: Statement, section: Int64, _ channel: Channel, _ rank: Int64, after cursor: QueueKey, upTo last: Int64
    ) {
        row.bind(1, section).bind(2, Int64(channel.rawValue)).bind(3, rank).bind(4, cursor.dueAt)
            .bind(5, cursor.delivery).bind(6, last)
    }

    private func sectionScan(_ index: Int) throws(StoreError) -> Statement {
        while sectionScans.count <= index {
            sectionScans.append(try Statement(HotStatements.scanQueue, on: connection))
        }
        return sectionScans[index]
    }

    private func nextUnleased(_ row: Statement) throws(StoreError) -> QueueKey? {
        while try row.step() {
            let key = QueueKey(dueAt: row.int(0), delivery: row.int(1))
            if leases[key.delivery] == nil { return key }
        }
        return nil
    }

    /// Claims what a pause holds but which must be decided now, because its message expires.
    private func claimExpiring(
        limit: Int, until: Instant, _ channels: [Channel], now: Instant, into claimed: inout [ClaimedDelivery]
    ) throws(StoreError) {
        let row = try cold(
            """
            SELECT due_at, delivery, state, attempts, flags, section, channel, rank, campaign, reason FROM queue
            WHERE wake_at <= ? ORDER BY wake_at, delivery
            """
        ).bind(1, now)
        defer { row.reset() }
        var isComplete = true
        while let key = try nextUnleased(row) {
            let channel: Channel = try row.value(6, in: "queue.channel", of: key.delivery)
            guard claimed.count < limit, channels.contains(channel) else {
                isComplete = false
                if claimed.count >= limit { break }
                continue
            }
            let lease = Lease(
                epoch: snapshot.nextEpoch, until: until, section: row.int(5), channel: channel, rank: row.int(7),
                key: key, state: try row.value(2, in: "queue.state", of: key.delivery), attempts: Int(row.int(3)),
                flags: QueueFlags(rawValue: row.int(4)), campaign: row.keyHash(8), reason: row.string(9))
            try take(lease, into: &claimed)
        }
        if isComplete { try findNextWake(after: now) }
    }

    private func take(_ lease: Lease, into claimed: inout [ClaimedDelivery]) throws(StoreError) {
        let delivery = DeliveryID(rawValue: lease.key.delivery)
        var known = freshMessages.take(delivery.message)
        if known == nil { known = try message(delivery.message) }
        guard let message = known else { return }
        if message.firstPlannedChannel(of: delivery) == nil {
            throw .unreadable("a delivery on no channel of its message", in: "queue.delivery", of: lease.key.delivery)
        }
        snapshot.nextEpoch += 1
        snapshot.leasesEndAfter = min(snapshot.leasesEndAfter, lease.until)
        let recipient = try find(message.draft.recipient)
        lease.recipient = recipient
        setLease(lease, for: lease.key.delivery)
        claimed.append(
            ClaimedDelivery(
                claim: Claim(delivery: delivery, epoch: lease.epoch), message: message,
                profile: recipient.person?.profile, attempts: lease.attempts,
                possibleDuplicate: lease.flags.contains(.possibleDuplicate),
                channel: lease.flags.contains(.hasBegun) ? lease.channel : nil,
                beginsAtChannel: lease.flags.contains(.beginsAtChannel),
                provider: lease.flags.contains(.possibleDuplicate) ? try lastProvider(of: delivery) : nil,
                dueAt: Instant(milliseconds: lease.key.dueAt)))
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
            rewind(to: lease)
            signalMoreIsLeft(rank: lease.rank)
        }
    }

    /// The earliest due time of the deliveries that wait and are not claimed. What a pause holds is due when the pause
    /// ends or the message expires. With `after`, only due times later than that count; with `least`, only deliveries of
    /// at least that priority, apart from what a pause holds.
    func nextDueAt(after: Instant? = nil, least: Priority = .low) throws(StoreError) -> Instant? {
        var earliest = try nextDueAt(in: 0, sql.scanQueue[0], snapshot.cursors, after: after, least: least)
        for (section, cursors) in snapshot.freed {
            let next = try nextDueAt(in: section, try sectionScan(0), cursors, after: after, least: least)
            earliest = [earliest, next].compactMap { $0 }.min()
        }
        if snapshot.nextWakeAt < .distantFuture, snapshot.nextWakeAt > after ?? .distantPast {
            earliest = min(earliest ?? .distantFuture, snapshot.nextWakeAt)
        }
        if !snapshot.pauses.isEmpty, let end = try nextPauseEnd(after: after) {
            earliest = min(earliest ?? .distantFuture, end)
        }
        return earliest
    }

    private func nextDueAt(
        in section: Int64, _ row: Statement, _ cursors: [QueueKey], after: Instant?, least: Priority
    ) throws(StoreError) -> Instant? {
        var earliest: Int64?
        for channel in Channel.allCases {
            for rank in Self.ranks where rank <= Self.rank(least) {
                // Everything up to the cursor is claimed.
                var from = cursors[Self.partition(channel, rank)]
                if let after { from = max(from, QueueKey(dueAt: after.milliseconds, delivery: .max)) }
                bind(row, section: section, channel, rank, after: from, upTo: .max)
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
