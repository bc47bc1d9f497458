import SobreModel
import SobreStore
import SobreStoreColumns

extension Core {
    func enqueue(_ submissions: [Submission]) throws(StoreError) -> [SubmissionResult] {
        let now = now()
        var results: [SubmissionResult] = []
        results.reserveCapacity(submissions.count)
        for submission in submissions {
            var key: (text: String, hash: Int64)?
            if let text = submission.idempotencyKey {
                let hash = Int64(bitPattern: fastHash64(text))
                if let earlier = try earlierMessage(key: text, hash: hash) {
                    results.append(
                        earlier.requestHash == submission.requestHash
                            ? .replayed(earlier.id) : .conflict(earlier.id))
                    continue
                }
                key = (text, hash)
            }
            let message = submission.message(id: snapshot.ids.next(at: now), acceptedAt: now)
            try insert(message, key: key, requestHash: submission.requestHash, now: now)
            results.append(.accepted(message.id))
        }
        return results
    }

    /// The message that was accepted under an idempotency key.
    ///
    /// The key's text is compared, because senders choose their keys and could construct hash collisions.
    private func earlierMessage(key: String, hash: Int64) throws(StoreError) -> (id: MessageID, requestHash: KeyHash)? {
        var requests = pendingIndexRows.messages(keyHash: hash).map(Array.init) ?? []
        sql.findIdempotency.bind(1, hash)
        while try sql.findIdempotency.step() { requests.append(sql.findIdempotency.int(0)) }
        for request in requests {
            let row = try cold("SELECT idempotency_key, request_hash FROM message WHERE id = ?").bind(1, request)
            defer { row.reset() }
            // Of an erased recipient's message the hash alone is left.
            if try row.step(), [key, ""].contains(row.string(0)) {
                return (MessageID(rawValue: request), row.keyHash(1))
            }
        }
        return nil
    }

    private func insert(
        _ message: Message, key: (text: String, hash: Int64)?, requestHash: KeyHash, now: Instant
    ) throws(StoreError) {
        let person = KeyHash.recipient(message.recipient)
        let accepted = AcceptedMessage(message, firstSequence: snapshot.nextSequence)
        MessageColumns.bind(
            message, person: person, key: key, requestHash: requestHash, firstSequence: accepted.firstSequence,
            to: sql.insertMessage)
        try sql.insertMessage.run()
        if !message.draft.attachments.isEmpty {
            try insert(attachments: message.draft.attachments, of: message.id)
        }
        snapshot.nextSequence = accepted.lastSequence + 1
        freshMessages.insert(message, dueAt: message.beginsAt, now: now)
        addMessage(message.id, of: person)
        if let key { addKey(key.hash, of: message.id) }
        let campaign = KeyHash.campaign(message.draft.campaign)
        for slot in 0..<accepted.deliveryCount {
            let entry = accepted.entry(slot: slot)
            let row = QueueRow(
                delivery: entry.delivery, channel: message.draft.channels[slot],
                rank: Self.rank(message.draft.priority),
                dueAt: entry.dueAt ?? now, state: entry.state, campaign: campaign, since: now)
            try putInQueue(row, campaign: message.draft.campaign, now: now)
            count(entry.state, 1)
        }
    }

    /// Adds a delivery to the queue. The caller counts it by its state and logs it.
    ///
    /// - Parameters:
    ///   - row: The delivery.
    ///   - name: The name of its campaign. Nil when there is none, or when the delivery was in the queue a moment ago.
    ///   - now: The present time.
    /// - Throws: `StoreError` when the row cannot be written.
    func putInQueue(_ row: QueueRow, campaign name: String?, now: Instant) throws(StoreError) {
        var row = row
        row.flags.remove(.furtherCampaign)
        if row.campaign != .none {
            let isCounted = counters.isCounted(row.campaign, queueChanges)
            if isCounted == nil, let name { queueChanges.register(row.campaign, name) }
            if isCounted == false || (isCounted == nil && name == nil) { row.flags.insert(.furtherCampaign) }
        }
        try sql.insertQueue.bind(1, row.section).bind(2, Int64(row.channel.rawValue)).bind(3, row.rank)
            .bind(4, row.dueAt).bind(5, row.delivery.rawValue).bind(6, Int64(row.state.rawValue))
            .bind(7, Int64(row.attempts)).bind(8, row.flags.rawValue).bind(9, row.wakeAt).bind(10, row.campaign)
            .bind(11, row.reason).bind(12, row.since).run()
        snapshot.waiting += 1
        queueChanges.add(QueueCounters.Key(row), 1)
        if row.section > 0 {
            guard let wakeAt = row.wakeAt else { return }
            snapshot.nextWakeAt = min(snapshot.nextWakeAt, wakeAt)
            return signalAdded(dueAt: wakeAt, rank: row.rank, now: now)
        }
        rewind(
            to: QueueKey(dueAt: row.dueAt.milliseconds, delivery: row.delivery.rawValue),
            partition: Self.partition(row.channel, row.rank))
        signalAdded(dueAt: row.dueAt, rank: row.rank, now: now)
    }

    /// Removes a claimed delivery from the queue.
    func takeFromQueue(_ lease: Lease) throws(StoreError) {
        guard try deleteFromQueue(lease.section, lease.channel, lease.rank, lease.key) else { return }
        queueChanges.add(lease.counterKey, -1)
    }

    private func deleteFromQueue(
        _ section: Int64, _ channel: Channel, _ rank: Int64, _ key: QueueKey
    ) throws(StoreError) -> Bool {
        try sql.deleteQueue.bind(1, section).bind(2, Int64(channel.rawValue)).bind(3, rank).bind(4, key.dueAt)
            .bind(5, key.delivery).run()
        guard sql.deleteQueue.changes == 1 else { return false }
        snapshot.waiting -= 1
        return true
    }

    /// Removes a delivery from the queue, whether or not it is claimed.
    ///
    /// - Returns: Whether the delivery was in the queue.
    func takeFromQueue(section: Int64, channel: Channel, rank: Int64, key: QueueKey) throws(StoreError) -> Bool {
        let row = try cold(
            """
            SELECT state, campaign, reason, flags FROM queue
            WHERE section = ? AND channel = ? AND rank = ? AND due_at = ? AND delivery = ?
            """
        ).bind(1, section).bind(2, Int64(channel.rawValue)).bind(3, rank).bind(4, key.dueAt).bind(5, key.delivery)
        defer { row.reset() }
        guard try row.step() else { return false }
        let counted = QueueCounters.Key(
            state: try row.value(0, in: "queue.state", of: key.delivery), channel: channel, campaign: row.keyHash(1),
            reason: row.string(2), flags: QueueFlags(rawValue: row.int(3)))
        row.reset()
        guard try deleteFromQueue(section, channel, rank, key) else { return false }
        queueChanges.add(counted, -1)
        return true
    }
}
