public import SobreModel
public import SobreStore

extension SQLiteStore: PollStore {
    public func duePolls(limit: Int) async throws(StoreError) -> PollPage {
        try await writer.perform(.reads) { core throws(StoreError) in try core.duePolls(limit: limit) }
    }

    public func settle(polls results: [PollResult], maxWaiting: Int) async throws(StoreError) {
        if results.isEmpty { return }
        try await writer.perform { core throws(StoreError) in try core.settle(polls: results, maxWaiting: maxWaiting) }
    }
}

extension Core {
    /// Keeps what an accepted attempt has to be asked about.
    func add(polls: [PendingPoll], now: Instant) throws(StoreError) {
        for poll in polls {
            try cold("INSERT INTO poll VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, 0)").bind(1, poll.provider)
                .bind(2, poll.providerID).bind(3, poll.delivery.rawValue).bind(4, poll.address)
                .bind(5, poll.isOneOfSeveral ? 1 : 0).bind(6, now).bind(7, now + poll.wait).run()
        }
    }

    func duePolls(limit: Int) throws(StoreError) -> PollPage {
        let now = now()
        let row = try cold(
            """
            SELECT id, provider, provider_id, delivery, address, is_part, since, tries FROM poll WHERE due_at <= ?
            ORDER BY due_at, id LIMIT ?
            """
        ).bind(1, now).bind(2, Int64(max(0, limit)))
        defer { row.reset() }
        var due: [PendingPoll] = []
        while try row.step() {
            due.append(
                PendingPoll(
                    id: row.int(0), provider: row.string(1), providerID: row.string(2),
                    delivery: DeliveryID(rawValue: row.int(3)), address: row.keyHash(4),
                    isOneOfSeveral: row.int(5) != 0, since: Instant(milliseconds: row.int(6)), tries: Int(row.int(7))))
        }
        let next = try cold("SELECT min(due_at) FROM poll WHERE due_at > ?").bind(1, now)
        defer { next.reset() }
        return PollPage(due: due, nextDueAt: try next.step() ? next.instant(0) : nil, now: now)
    }

    func settle(polls results: [PollResult], maxWaiting: Int) throws(StoreError) {
        let now = now()
        var receipts: [Receipt] = []
        for result in results {
            switch result {
            case .done(let id, let receipt):
                let row = try cold("DELETE FROM poll WHERE id = ?").bind(1, id)
                try row.run()
                // Of a message that was erased meanwhile, nothing is reported.
                if let receipt, row.changes > 0 { receipts.append(receipt) }
            case .again(let id, let wait):
                try cold("UPDATE poll SET due_at = ?, tries = tries + 1 WHERE id = ?").bind(1, now + wait).bind(2, id)
                    .run()
            }
        }
        _ = try append(receipts, maxWaiting: maxWaiting)
    }
}
