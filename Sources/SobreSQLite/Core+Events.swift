import SobreModel
import SobreStore

/// The subscriptions to events.
extension Core {
    func begin(subscription name: String, after position: LogCursor?) throws(StoreError) -> EventSubscriptionState {
        if let known = try subscription(name) { return known }
        let state = EventSubscriptionState(name: name, position: position)
        try write(state)
        return state
    }

    func save(_ state: EventSubscriptionState) throws(StoreError) -> Bool {
        guard let known = try subscription(state.name), known.generation == state.generation else { return false }
        try write(state)
        return true
    }

    func carryOut(
        _ order: EventOrder, on name: String, by author: Author?
    ) throws(StoreError) -> EventSubscriptionState? {
        guard var state = try subscription(name) else { return nil }
        state.generation += 1
        let subject = "subscription \(name)"
        switch order {
        case .pause(let reason):
            if state.pausedSince == nil { state.pausedSince = now() }
            state.pausedBy = author?.name ?? ""
            state.pauseReason = reason
            try audit(.eventsPaused, subject, detail: reason, by: author)
        case .resume:
            state.pausedSince = nil
            state.pausedBy = ""
            state.pauseReason = ""
            state.forgetFailures()
            try audit(.eventsResumed, subject, by: author)
        case .replay(let cursor):
            try setBack(&state, to: cursor)
            state.lastEvent = cursor
            try audit(
                .eventsReplayed, subject, detail: cursor.map { "after cursor \($0)" } ?? "from the beginning",
                by: author)
        case .replaySince(let instant):
            let position = try position(before: instant)
            try setBack(&state, to: position > 0 ? LogCursor(sequence: position) : nil)
            state.lastEvent = nil
            try audit(.eventsReplayed, subject, detail: "since \(instant.rfc3339)", by: author)
        }
        try write(state)
        return state
    }

    private func setBack(_ state: inout EventSubscriptionState, to cursor: LogCursor?) throws(StoreError) {
        if let cursor {
            let newest = snapshot.nextSequence - 1
            guard try LogPosition.sequence(cursor) <= newest else {
                throw StoreError(.cursor, "The cursor \(cursor) lies after the end of the log, which is \(newest).")
            }
        }
        state.position = cursor
        state.forgetFailures()
    }

    /// The sequence number of the last row before a time. Entries from that time on lie after it. Times of rows increase
    /// with their sequence numbers, so a binary search finds it without an index.
    private func position(before instant: Instant) throws(StoreError) -> Int64 {
        let row = try cold("SELECT seq, at FROM log WHERE seq <= ?1 ORDER BY seq DESC LIMIT 1")
        var found: Int64 = 0
        var low: Int64 = 0
        var high = snapshot.nextSequence - 1
        while low < high {
            let middle = low + (high - low + 1) / 2
            row.bind(1, middle)
            defer { row.reset() }
            if try !row.step() {
                low = middle
            } else if row.int(1) < instant.milliseconds {
                found = row.int(0)
                low = middle
            } else {
                high = row.int(0) - 1
            }
        }
        return found
    }

    private func subscription(_ name: String) throws(StoreError) -> EventSubscriptionState? {
        let row = try cold("SELECT \(EventColumns.list) FROM event_subscription WHERE name = ?").bind(1, name)
        defer { row.reset() }
        return try row.step() ? EventColumns.read(row) : nil
    }

    private func write(_ state: EventSubscriptionState) throws(StoreError) {
        let row = try cold(
            """
            INSERT OR REPLACE INTO event_subscription (\(EventColumns.list))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try EventColumns.bind(state, to: row)
        try row.run()
    }
}

extension EventSubscriptionState {
    /// Begins the time anew after which a subscription that fails is paused.
    fileprivate mutating func forgetFailures() {
        failingSince = nil
        tries = 0
        lastError = ""
        lastErrorAt = nil
    }
}
