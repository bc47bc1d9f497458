import SobreModel
import SobreStore

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
        addMessage(message.id, of: person)
        if let key { addKey(key.hash, of: message.id) }
        for slot in 0..<accepted.deliveryCount {
            let entry = accepted.entry(slot: slot)
            try putInQueue(
                entry.delivery, channel: message.draft.channels[slot], rank: Self.rank(message.draft.priority),
                dueAt: entry.dueAt ?? now, state: entry.state, attempts: 0, flags: [], now: now)
            count(entry.state, 1)
        }
    }

    /// Adds a delivery to the queue. The caller counts and logs it.
    ///
    /// - Parameters:
    ///   - delivery: The delivery, which is not in the queue.
    ///   - section: That of the pause that holds it; 0 for none.
    ///   - channel: The channel it waits for.
    ///   - rank: Its priority.
    ///   - dueAt: When it is due.
    ///   - state: A state that waits.
    ///   - attempts: The attempts it has used up.
    ///   - flags: What is known of earlier attempts.
    ///   - wakeAt: When it is offered although the pause still holds it; nil for never.
    ///   - now: The present time.
    /// - Throws: `StoreError` when the row cannot be written.
    func putInQueue(
        _ delivery: DeliveryID, section: Int64 = 0, channel: Channel, rank: Int64, dueAt: Instant,
        state: DeliveryState, attempts: Int, flags: QueueFlags, wakeAt: Instant? = nil, now: Instant
    ) throws(StoreError) {
        try sql.insertQueue.bind(1, section).bind(2, Int64(channel.rawValue)).bind(3, rank).bind(4, dueAt)
            .bind(5, delivery.rawValue).bind(6, Int64(state.rawValue)).bind(7, Int64(attempts))
            .bind(8, flags.rawValue).bind(9, wakeAt).run()
        snapshot.waiting += 1
        if section > 0 {
            guard let wakeAt else { return }
            snapshot.nextWakeAt = min(snapshot.nextWakeAt, wakeAt)
            return signalAdded(dueAt: wakeAt, rank: rank, now: now)
        }
        rewind(
            to: QueueKey(dueAt: dueAt.milliseconds, delivery: delivery.rawValue),
            partition: Self.partition(channel, rank))
        signalAdded(dueAt: dueAt, rank: rank, now: now)
    }

    /// Removes a claimed delivery from the queue.
    func takeFromQueue(_ lease: Lease) throws(StoreError) {
        try takeFromQueue(section: lease.section, channel: lease.channel, rank: lease.rank, key: lease.key)
    }

    /// Removes a delivery from the queue.
    ///
    /// - Returns: Whether the delivery was in the queue.
    @discardableResult
    func takeFromQueue(section: Int64, channel: Channel, rank: Int64, key: QueueKey) throws(StoreError) -> Bool {
        try sql.deleteQueue.bind(1, section).bind(2, Int64(channel.rawValue)).bind(3, rank).bind(4, key.dueAt)
            .bind(5, key.delivery).run()
        guard sql.deleteQueue.changes == 1 else { return false }
        snapshot.waiting -= 1
        return true
    }
}
