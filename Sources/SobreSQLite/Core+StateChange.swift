import SobreModel
import SobreStore
import SobreStoreColumns

extension Core {
    func apply(
        _ action: StateAction, to targets: [StateTarget], selectedBy filter: StateFilter, repeatingUnknown: Bool,
        by author: Author?
    ) throws(StoreError) -> [StateChangeResult] {
        let now = now()
        var results: [StateChangeResult] = []
        results.reserveCapacity(targets.count)
        for target in targets {
            guard let last = try lastEntry(of: target.delivery), last.sequence == target.sequence else {
                results.append(.changedMeanwhile)
                continue
            }
            guard action.states.contains(last.state), let message = try message(target.delivery.message) else {
                results.append(.notPossible)
                continue
            }
            switch action {
            case .retry:
                results.append(try requeue(last, of: message, repeatingUnknown: repeatingUnknown, by: author, now: now))
            case .cancel: results.append(try cancel(last, of: message, by: author, now: now))
            }
        }
        let changed = results.count { $0 == .changed }
        if changed > 0 {
            try audit(
                action == .retry ? .retry : .cancel, "\(filter)", about: filter.recipient.map { .recipient($0) },
                detail: "\(changed) deliveries", by: author)
        }
        return results
    }

    /// Queues a delivery that has ended once more, as if it were new.
    ///
    /// - Parameters:
    ///   - last: The newest entry of its log.
    ///   - message: The message that it belongs to.
    ///   - repeatingUnknown: Whether it is queued although a provider may have accepted it.
    ///   - author: Who ordered it.
    ///   - now: The present time.
    /// - Returns: What became of it.
    /// - Throws: `StoreError` when a row cannot be written.
    func requeue(
        _ last: LogEntry, of message: Message, repeatingUnknown: Bool, by author: Author?, now: Instant
    ) throws(StoreError) -> StateChangeResult {
        let delivery = last.delivery
        guard !message.recipient.isEmpty, try !isCancelled(message.id), let first = message.plan(of: delivery).first
        else {
            return .notPossible
        }
        let maySent = try mayHaveBeenSent(last)
        if maySent, !repeatingUnknown { return .mayHaveBeenSent }
        let campaign = KeyHash.campaign(message.draft.campaign)
        try takeFromUnsent(last, campaign)
        // What may have been sent is repeated on the same channel, by the same provider.
        let channel = maySent ? last.channel : nil
        var row = QueueRow(
            delivery: delivery, channel: channel ?? first, rank: Self.rank(message.draft.priority), dueAt: now,
            state: .queued, campaign: campaign, reason: LogReason.retried, since: now)
        if maySent { row.flags.insert(.possibleDuplicate) }
        if channel != nil { row.flags.insert(.hasBegun) }
        try putInQueue(row, campaign: message.draft.campaign, now: now)
        count(last.state, -1)
        count(.queued, 1)
        let entry = LogEntry(
            delivery: delivery, at: now, state: .queued, reason: LogReason.retried, channel: channel,
            detail: author?.words ?? "", dueAt: now, possibleDuplicate: maySent)
        try log(entry, of: campaign, at: now)
        return .changed
    }

    /// Whether a provider may have accepted a delivery: by its log, or by an attempt that is not proven unsent.
    private func mayHaveBeenSent(_ last: LogEntry) throws(StoreError) -> Bool {
        if last.possibleDuplicate || last.state == .unknown { return true }
        let row = try cold(SendEvidence.sql).bind(1, last.delivery.rawValue)
        defer { row.reset() }
        return try row.step()
    }

    private func isCancelled(_ id: MessageID) throws(StoreError) -> Bool {
        let row = try cold("SELECT 1 FROM message WHERE id = ? AND cancelled_at IS NOT NULL").bind(1, id.rawValue)
        defer { row.reset() }
        return try row.step()
    }

    /// Cancels one waiting delivery, and its message when none of the message's deliveries waits any more.
    private func cancel(
        _ last: LogEntry, of message: Message, by author: Author?, now: Instant
    ) throws(StoreError) -> StateChangeResult {
        changes.note(CollectionOfOne(.message(message.id)))
        guard
            try endWaiting(last.delivery, last, of: message, .cancelled, detail: author?.words ?? "", now: now) != nil
        else { return .notPossible }
        for delivery in message.deliveries {
            if let last = try lastEntry(of: delivery), last.state.isPending { return .changed }
        }
        try markCancelled(message.id, now: now)
        return .changed
    }

    /// Keeps the deliveries of a message that are in flight from being queued again.
    func markCancelled(_ id: MessageID, now: Instant) throws(StoreError) {
        try cold("UPDATE message SET cancelled_at = ? WHERE id = ? AND cancelled_at IS NULL")
            .bind(1, now).bind(2, id.rawValue).run()
    }
}
