import SobreModel
import SobreStore

extension Core {
    /// The newest row of each table is kept, because IDs, sequence numbers and the clock continue from it.
    func prune(
        messagesBefore: Instant, ledgerBefore: Instant, idempotencyBefore: Instant, limit: Int
    ) throws(StoreError) -> Int {
        try indexAll()
        try pruneIdempotency(before: Self.firstID(at: idempotencyBefore), limit: limit)
        try pruneLedger(before: ledgerBefore, limit: limit)
        return try pruneMessages(
            before: Self.firstID(at: messagesBefore), keysBefore: Self.firstID(at: idempotencyBefore), limit: limit)
    }

    private static func firstID(at instant: Instant) -> Int64 {
        max(0, min(instant.milliseconds, Int64.max >> 21)) << 21
    }

    private struct OldMessage {
        var id: Int64
        var person: Int64
        var hash: Int64?
        var slots: Int
        var campaign: KeyHash
    }

    private func pruneMessages(before: Int64, keysBefore: Int64, limit: Int) throws(StoreError) -> Int {
        let row = try cold(
            """
            SELECT id, recipient_key, idempotency_hash, channels, route, campaign FROM message
            WHERE id > ?1 AND id < ?2 AND id < (SELECT max(id) FROM message) ORDER BY id LIMIT ?3
            """
        ).bind(1, snapshot.pruneFrom).bind(2, before).bind(3, Int64(limit))
        var old: [OldMessage] = []
        while try row.step() {
            let route: ChannelRoute = try row.value(4, in: "message.route", of: row.int(0))
            old.append(
                OldMessage(
                    id: row.int(0), person: row.int(1), hash: row.optionalInt(2),
                    slots: route.hasDeliveryPerChannel ? try MessageColumns.channels(row, 3, of: row.int(0)).count : 1,
                    campaign: .campaign(row.optionalString(5))))
        }
        // The next call continues after the messages that had to stay, and starts over once it has seen all.
        snapshot.pruneFrom = old.count < limit ? 0 : old[old.count - 1].id
        var removed = 0
        for message in old where message.hash == nil || message.id < keysBefore {
            if try remove(message) { removed += 1 }
        }
        return removed
    }

    private func remove(_ message: OldMessage) throws(StoreError) -> Bool {
        var last: [LogEntry] = []
        for slot in 0..<message.slots {
            guard let entry = try lastEntry(of: DeliveryID(rawValue: message.id | Int64(slot))) else { continue }
            guard entry.state.isFinal, entry.sequence < snapshot.nextSequence - 1 else { return false }
            last.append(entry)
        }
        for entry in last {
            count(entry.state, -1)
            try takeFromUnsent(entry, message.campaign)
        }
        try removeEntries(from: message.id, to: message.id | DeliveryID.slotMask)
        try cold("DELETE FROM person_message WHERE person = ? AND message = ?").bind(1, message.person)
            .bind(2, message.id).run()
        if let hash = message.hash {
            try cold("DELETE FROM idempotency WHERE hash = ? AND message = ?").bind(1, hash).bind(2, message.id).run()
        }
        try removeAttachments(of: message.id)
        try cold("DELETE FROM message WHERE id = ?").bind(1, message.id).run()
        return true
    }

    /// Removes the log entries of a range of deliveries. Their attempts stay in the ledger, but imply no entries any more.
    private func removeEntries(from first: Int64, to last: Int64) throws(StoreError) {
        try cold("DELETE FROM log WHERE delivery BETWEEN ? AND ? AND is_outcome = 0").bind(1, first).bind(2, last).run()
        try cold("DELETE FROM log WHERE seq IN (SELECT last_entry FROM attempt WHERE delivery BETWEEN ? AND ?)")
            .bind(1, first).bind(2, last).run()
        try cold("UPDATE attempt SET last_entry = NULL WHERE delivery BETWEEN ? AND ? AND last_entry IS NOT NULL")
            .bind(1, first).bind(2, last).run()
    }

    /// Deletes the idempotency keys of messages that are kept longer than their keys.
    private func pruneIdempotency(before: Int64, limit: Int) throws(StoreError) {
        let row = try cold(
            """
            SELECT id, idempotency_hash FROM message
            WHERE id > coalesce((SELECT value FROM meta WHERE name = 'keys_pruned_to'), 0) AND id < ?
            ORDER BY id LIMIT ?
            """
        ).bind(1, before).bind(2, Int64(limit))
        var old: [(id: Int64, hash: Int64?)] = []
        while try row.step() { old.append((row.int(0), row.optionalInt(1))) }
        guard let last = old.last else { return }
        for item in old {
            guard let hash = item.hash else { continue }
            try cold("DELETE FROM idempotency WHERE hash = ? AND message = ?").bind(1, hash).bind(2, item.id).run()
        }
        try cold("INSERT OR REPLACE INTO meta VALUES ('keys_pruned_to', ?)").bind(1, last.id).run()
    }

    /// Removes the oldest rows, up to the first that is open or still within the horizon.
    private func pruneLedger(before: Instant, limit: Int) throws(StoreError) {
        let row = try cold(
            """
            SELECT id, state, spent_at, recipient, address, last_entry FROM attempt
            WHERE id < (SELECT max(id) FROM attempt) ORDER BY id LIMIT ?
            """
        ).bind(1, Int64(limit) * 2)
        var old: [(id: Int64, isCommitted: Bool, committedAt: Int64, person: Int64, address: Int64, entry: Int64?)] = []
        while try row.step() {
            guard row.int(1) != Int64(LedgerEntry.State.reserved.rawValue), row.int(2) < before.milliseconds else {
                row.reset()
                break
            }
            let isCommitted = row.int(1) == Int64(LedgerEntry.State.committed.rawValue)
            old.append((row.int(0), isCommitted, row.int(2), row.int(3), row.int(4), row.optionalInt(5)))
        }
        guard let first = old.first, let last = old.last else { return }
        ledgers.removeAll()
        var shared: Set<Int64> = []
        let holders = try cold("SELECT attempt FROM attempt_holder WHERE attempt BETWEEN ? AND ?").bind(1, first.id)
            .bind(2, last.id)
        while try holders.step() { shared.insert(holders.int(0)) }
        for item in old {
            let holders = shared.contains(item.id) ? try self.holders(ofAttempt: item.id) : []
            for person in [item.person] + holders.map(\.stored) where item.isCommitted {
                try cold("DELETE FROM person_contact WHERE person = ? AND spent_at = ? AND attempt = ?")
                    .bind(1, person).bind(2, item.committedAt).bind(3, item.id).run()
            }
            // Runs when this was the recipient's last contact with the address.
            try cold(
                """
                DELETE FROM address_person WHERE address = ?1 AND person = ?2
                AND NOT EXISTS (
                    SELECT 1 FROM person_contact WHERE person = ?2 AND address = ?1 AND NOT EXISTS (
                        SELECT 1 FROM attempt_holder
                        WHERE attempt = person_contact.attempt AND attempt_holder.person = ?2))
                """
            ).bind(1, item.address).bind(2, item.person).run()
            if let entry = item.entry { try storeEntries(of: item.id, outcome: entry) }
            try cold("DELETE FROM attempt WHERE id = ?").bind(1, item.id).run()
        }
        try cold("DELETE FROM attempt_holder WHERE attempt BETWEEN ? AND ?").bind(1, first.id).bind(2, last.id).run()
    }

    /// Keeps the log entries of an attempt whose row is removed before its message. The entry that it was begun becomes a
    /// row under the same sequence number, so that readers of the log notice nothing.
    private func storeEntries(of attempt: Int64, outcome: Int64) throws(StoreError) {
        try cold(
            """
            INSERT INTO log (\(LogColumns.names)) SELECT \(LogColumns.ofAttempt), id, 0 FROM attempt WHERE id = ?
            """
        ).bind(1, attempt).run()
        try cold("UPDATE log SET is_outcome = 0 WHERE seq = ?").bind(1, outcome).run()
    }
}
