import SobreModel
import SobreStore
import SobreStoreColumns

extension Core {
    func record(_ outcomes: [AttemptRecord]) throws(StoreError) -> [Bool] {
        let now = now()
        var results: [Bool] = []
        results.reserveCapacity(outcomes.count)
        for outcome in outcomes {
            guard let attempt = open[outcome.ledgerID], attempt.entry.delivery == outcome.delivery else {
                results.append(false)
                continue
            }
            try record(outcome, attempt, now: now)
            results.append(true)
        }
        return results
    }

    private func record(_ outcome: AttemptRecord, _ attempt: OpenAttempt, now: Instant) throws(StoreError) {
        var entry = outcome.change.entry(of: outcome.delivery, at: now)
        let isErased = !erasedInFlight.isEmpty && erasedInFlight.remove(outcome.delivery.message) != nil
        if isErased { entry.detail = "" }
        guard DeliveryState.attempting.mayBecome(entry.state) else {
            throw StoreError(.internal, "The outcome of an attempt cannot leave its delivery \(entry.state).")
        }
        removeOpen(attempt.id)
        let isCommitted = outcome.proof != .notSent
        let state: LedgerEntry.State = isCommitted ? .committed : .released
        // The provider may accept a message for as long as the call could have lasted, even if a crash interrupted it.
        let committedAt = attempt.owner != incarnation ? max(now, attempt.deadline) : now
        // An attempt that was begun in the former layout ends in it.
        let isDerived = attempt.id > entriesStoredTo
        // Nothing may be logged between this and the entry that it refers to.
        try sql.endAttempt.bind(1, Int64(state.rawValue)).bind(2, committedAt)
            .bind(3, isDerived ? snapshot.nextSequence : nil).bind(4, attempt.id).run()
        if isCommitted {
            // Must precede `log`: the contact takes the sequence number of the entry that is logged below.
            var contact = attempt.entry
            contact.state = .committed
            contact.committedAt = committedAt
            addContact(contact, holders: attempt.holders)
        }
        if entry.state.isPending { try waitAgain(&entry, attempt, outcome, now: now) }
        count(.attempting, -1)
        count(entry.state, 1)
        let campaign =
            isErased
            ? KeyHash.campaign(try message(outcome.delivery.message)?.draft.campaign) : attempt.entry.traits.campaign
        try log(entry, of: campaign, at: now, attempt: attempt.id, isOutcome: isDerived)
        if !outcome.polls.isEmpty, !isErased { try add(polls: outcome.polls, now: now) }
        if !outcome.suppressions.isEmpty {
            let proven = try proven(outcome)
            if !proven.isEmpty { try suppress(isErased ? proven.map(\.erasedText) : proven) }
        }
    }

    /// Returns the delivery to the queue, unless its message was cancelled during the attempt.
    private func waitAgain(
        _ entry: inout LogEntry, _ attempt: OpenAttempt, _ outcome: AttemptRecord, now: Instant
    ) throws(StoreError) {
        let delivery = attempt.entry.delivery
        let row = try cold("SELECT priority, cancelled_at, channels, route, campaign FROM message WHERE id = ?")
            .bind(1, delivery.message.rawValue)
        defer { row.reset() }
        guard try row.step() else {
            throw StoreError(
                .corrupt, "The message of delivery \(delivery) is missing; restore the data from a backup.")
        }
        if !row.isNull(1) {
            // The message is not sent again. Whether it was sent before does not change.
            entry.state = outcome.proof == .unknown || entry.possibleDuplicate ? .unknown : .cancelled
            entry.reason = DropReason.cancelled.rawValue
            entry.dueAt = nil
            return
        }
        let plan = try MessageColumns.channels(row, 2, of: delivery.message.rawValue)
        let route: ChannelRoute = try row.value(3, in: "message.route", of: delivery.message.rawValue)
        let slot = route.hasDeliveryPerChannel ? delivery.slot : 0
        var flags: QueueFlags = entry.channel == nil ? [] : .hasBegun
        if entry.possibleDuplicate { flags.insert(.possibleDuplicate) }
        if outcome.beginsAtChannel { flags.insert(.beginsAtChannel) }
        let dueAt = entry.dueAt ?? now
        entry.dueAt = dueAt
        let waiting = QueueRow(
            delivery: delivery,
            channel: entry.channel ?? (plan.indices.contains(slot) ? plan[slot] : attempt.entry.traits.channel),
            rank: Self.rank(try row.value(0, in: "message.priority", of: delivery.message.rawValue)), dueAt: dueAt,
            state: entry.state, attempts: entry.attempt, flags: flags, campaign: .campaign(row.optionalString(4)),
            reason: entry.reason, since: now)
        try putInQueue(waiting, campaign: row.optionalString(4), now: now)
    }

    func overdueAttempts(limit: Int) throws(StoreError) -> [OverdueAttempt] {
        let now = now()
        let overdue = open.all.filter { $0.owner != incarnation || $0.deadline <= now }.sorted { $0.id < $1.id }
        var attempts: [OverdueAttempt] = []
        for attempt in overdue.prefix(max(0, limit)) {
            let row = try cold("SELECT category FROM message WHERE id = ?")
                .bind(1, attempt.entry.delivery.message.rawValue)
            defer { row.reset() }
            let category = try row.step() ? row.string(0) : ""
            attempts.append(
                OverdueAttempt(
                    ledgerID: attempt.id, owner: attempt.owner, delivery: attempt.entry.delivery,
                    attempt: attempt.number,
                    channel: attempt.entry.traits.channel, provider: attempt.provider, category: category,
                    possibleDuplicate: attempt.possibleDuplicate, policyVersion: attempt.policyVersion,
                    templateVersion: attempt.templateVersion))
        }
        return attempts
    }
}
