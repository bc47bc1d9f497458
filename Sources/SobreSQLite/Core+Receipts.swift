import SobreModel
import SobreStore
import SobreStoreColumns

extension Core {
    /// The facts for judging a receipt. Nil while its message is not known here.
    func facts(of receipt: Receipt, _ delivery: DeliveryID) throws(StoreError) -> ReceiptFacts? {
        guard let message = try message(delivery.message), let last = try lastEntry(of: delivery) else { return nil }
        return ReceiptFacts(
            receipt: receipt, delivery: delivery, message: message,
            profile: try person(message.recipient)?.profile, last: last, fold: try fold(of: delivery),
            attempts: try attempts(of: delivery), providerID: try providerID(of: delivery))
    }

    private func fold(of delivery: DeliveryID) throws(StoreError) -> ReceiptFold {
        let row = try cold("SELECT kind, at, detail, hour FROM delivery_event WHERE delivery = ?")
            .bind(1, delivery.rawValue)
        defer { row.reset() }
        var events: [Receipt.Kind: ReceiptFold.Event] = [:]
        while try row.step() {
            guard let kind = Receipt.Kind(rawValue: UInt8(truncatingIfNeeded: row.int(0))) else { continue }
            events[kind] = ReceiptFold.Event(
                at: Instant(milliseconds: row.int(1)), detail: row.string(2), hour: row.optionalInt(3).map { Int($0) })
        }
        return ReceiptFold(events)
    }

    private func attempts(of delivery: DeliveryID) throws(StoreError) -> [ReceiptFacts.Attempt] {
        let row = try cold(
            """
            SELECT id, channel, provider, address, state FROM attempt WHERE id IN (\(DeliveryEntries.attempts))
            ORDER BY id
            """
        ).bind(1, delivery.rawValue)
        defer { row.reset() }
        var attempts: [ReceiptFacts.Attempt] = []
        while try row.step() {
            attempts.append(
                ReceiptFacts.Attempt(
                    ledgerID: row.int(0), channel: try row.value(1, in: "attempt.channel", of: row.int(0)),
                    provider: row.string(2), address: row.keyHash(3),
                    state: try row.value(4, in: "attempt.state", of: row.int(0))))
        }
        return attempts
    }

    /// The provider's message ID from the newest acceptance that was recorded for an attempt.
    private func providerID(of delivery: DeliveryID) throws(StoreError) -> String? {
        let row = try cold(
            """
            SELECT provider_id FROM log WHERE seq IN (\(DeliveryEntries.sequences))
            AND attempt IS NOT NULL AND provider_id IS NOT NULL ORDER BY seq DESC LIMIT 1
            """
        ).bind(1, delivery.rawValue)
        defer { row.reset() }
        return try row.step() ? row.optionalString(0) : nil
    }

    /// Writes all changes that a receipt causes.
    func apply(
        _ effect: ReceiptEffect, to delivery: DeliveryID, now: Instant, _ round: inout ReceiptRound
    ) throws(StoreError) {
        for (kind, event) in effect.fold.events {
            try cold("INSERT OR REPLACE INTO delivery_event VALUES (?, ?, ?, ?, ?)").bind(1, delivery.rawValue)
                .bind(2, Int64(kind.rawValue)).bind(3, event.at).bind(4, event.detail)
                .bind(5, event.hour.map { Int64($0) }).run()
        }
        if let arrival = effect.arrival { round.arrivals.append(arrival) }
        for id in effect.released { try release(id) }
        for id in effect.committed { try spend(id) }
        if let entry = effect.entry { try move(delivery, entry, attempt: effect.committed.first, now: now, &round) }
        if !effect.suppressions.isEmpty { try suppressAnew(effect.suppressions) }
        if let why = effect.metEscalation { try endEscalation(after: delivery, why, now: now, &round) }
        if !effect.engagement.isEmpty, let message = try message(delivery.message) {
            let person = try person(message.recipient)?.profile.id ?? message.recipient
            for subject in [KeyHash.recipient(person), .none] { try count(effect.engagement, of: subject) }
        }
    }

    /// Logs a delivery's new state. Removes the delivery from the queue if it waited there.
    private func move(
        _ delivery: DeliveryID, _ entry: LogEntry, attempt: Int64?, now: Instant, _ round: inout ReceiptRound
    ) throws(StoreError) {
        guard let last = try lastEntry(of: delivery) else { return }
        let message = try message(delivery.message)
        let campaign = KeyHash.campaign(message?.draft.campaign)
        if last.state.isPending, !entry.state.isPending, let message {
            try takeFromQueue(delivery, last, of: message)
        }
        try takeFromUnsent(last, campaign)
        count(last.state, -1)
        count(entry.state, 1)
        try log(entry, of: campaign, at: now, attempt: attempt)
        round.entries.append(entry)
    }

    /// Cancels the deliveries on later channels that still wait, after one channel has succeeded.
    private func endEscalation(
        after delivery: DeliveryID, _ why: String, now: Instant, _ round: inout ReceiptRound
    ) throws(StoreError) {
        guard let message = try message(delivery.message) else { return }
        for later in message.deliveries where later.slot > delivery.slot {
            guard let last = try lastEntry(of: later),
                let entry = try endWaiting(later, last, of: message, .escalationMet, detail: why, now: now)
            else { continue }
            round.entries.append(entry)
        }
    }

    // MARK: Ledger

    /// Releases a contact: the provider reports that it never accepted the message.
    private func release(_ attempt: Int64) throws(StoreError) {
        guard let (entry, people) = try restate(attempt, from: .committed, to: .released) else { return }
        // A pending index row needs no change: the attempt's state is checked when the row is written.
        for person in people {
            try cold("DELETE FROM person_contact WHERE person = ? AND spent_at = ? AND attempt = ?")
                .bind(1, person).bind(2, entry.committedAt).bind(3, attempt).run()
        }
    }

    /// Commits a contact that was released. It counts from the time at which its outcome was recorded, which is no
    /// earlier than the true time.
    private func spend(_ attempt: Int64) throws(StoreError) {
        guard let (entry, people) = try restate(attempt, from: .released, to: .committed) else { return }
        for person in people {
            // A pending index row will be written with the new state, unless this transaction has already written all
            // pending rows.
            let young = indexesAll ? nil : pendingIndexRows.contacts(of: person)
            if let young, young.contains(where: { $0.attempt == attempt }) { continue }
            try sql.filePersonContact.bind(1, attempt).bind(2, person).run()
            guard person == entry.recipient else { continue }
            try sql.fileAddressPerson.bind(1, entry.address).bind(2, person).run()
        }
    }

    /// Changes the state of an attempt in the ledger and drops it from the cache. Nil when its state is not `before`.
    ///
    /// Returns the entry with the time at which its outcome was recorded, even if the entry is released, and all for
    /// whom it counts, the recipient first.
    private func restate(
        _ attempt: Int64, from before: LedgerEntry.State, to after: LedgerEntry.State
    ) throws(StoreError) -> (entry: LedgerEntry, people: [KeyHash])? {
        let row = sql.attempt.bind(1, attempt)
        defer { row.reset() }
        guard try row.step() else { return nil }
        var entry = try AttemptColumns.entry(row)
        entry.committedAt = Instant(milliseconds: row.int(8))
        row.reset()
        guard entry.state == before else { return nil }
        try cold("UPDATE attempt SET state = ? WHERE id = ?").bind(1, Int64(after.rawValue)).bind(2, attempt).run()
        let holders = try holders(ofAttempt: attempt)
        ledgers.forget(entry, holders: holders)
        return (entry, [entry.recipient] + holders)
    }

    // MARK: Suppressions and counters

    /// Adds suppressions. One that already exists with the same subject, scope and reason is left unchanged.
    private func suppressAnew(_ suppressions: [Suppression]) throws(StoreError) {
        var new: [Suppression] = []
        for item in suppressions {
            let row = try cold(
                "SELECT 1 FROM suppression WHERE subject = ? AND channel = ? AND category = ? AND reason = ?"
            ).bind(1, item.subject).bind(2, Int64(item.channel?.rawValue ?? 0)).bind(3, item.category ?? "")
                .bind(4, item.reason.rawValue)
            defer { row.reset() }
            if try !row.step() { new.append(item) }
        }
        if !new.isEmpty { try suppress(new) }
    }

    private func count(_ changes: [EngagementChange], of person: KeyHash) throws(StoreError) {
        for change in changes {
            try cold(
                """
                INSERT INTO engagement VALUES (?1, ?2, max(0, ?3))
                ON CONFLICT (person, slot) DO UPDATE SET count = max(0, count + ?3)
                """
            ).bind(1, person).bind(2, EngagementSlot.number(change.counter)).bind(3, Int64(change.change)).run()
        }
    }
}
