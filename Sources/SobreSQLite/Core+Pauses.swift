import SobreModel
import SobreSettings
import SobreStore

/// Pauses of sending.
///
/// What a pause holds is moved to a section of the queue that belongs to the pause. Its key stays the same, so it keeps
/// its place in the order. When the pause ends, its section is freed: claims then merge it with section 0 until it is
/// empty. Nothing is moved then, however many deliveries were held.
extension Core {
    func pause(
        _ filter: DeliveryFilter, until: Instant?, reason: String, by: String, author: Author
    ) throws(StoreError) -> (pause: SendingPause, isNew: Bool)? {
        let now = now()
        var pause = SendingPause(id: 0, filter: filter, since: now, until: until, reason: reason, by: by)
        var section: Int64
        let known = snapshot.pauses.firstIndex { $0.filter == filter }
        if let known {
            pause.id = snapshot.pauses[known].id
            pause.since = snapshot.pauses[known].since
            section = snapshot.sections[pause.id] ?? 0
            if snapshot.pauses[known].until != until {
                // What it holds is decided once more, up to the new end.
                try free(section)
                section = try nextNumber()
            }
            snapshot.pauses[known] = pause
        } else {
            guard snapshot.pauses.count < configuration.limits.maxPauses else { return nil }
            pause.id = try nextNumber()
            section = pause.id
            snapshot.pauses.append(pause)
        }
        try write(pause, section)
        try audit(
            .pause, pause.filter.description, detail: until.map { "until \($0.rfc3339)" } ?? "", by: author)
        if let until { signalAdded(dueAt: until, rank: 0, now: now) }
        return (pause, known == nil)
    }

    func resume(_ id: Int64, by author: Author?) throws(StoreError) -> SendingPause? {
        guard let pause = snapshot.pauses.first(where: { $0.id == id }) else { return nil }
        try end(pause)
        try audit(.resume, pause.filter.description, detail: "paused by \(pause.by)", by: author)
        return pause
    }

    /// Whether there are pauses whose time is over.
    var hasPausesToEnd: Bool {
        if snapshot.pauses.isEmpty { return false }
        let now = now()
        return snapshot.pauses.contains { !$0.isInForce(at: now) }
    }

    /// Ends the pauses whose time is over.
    func endPauses() throws(StoreError) {
        let now = now()
        for pause in snapshot.pauses where !pause.isInForce(at: now) { try end(pause) }
    }

    private func end(_ pause: SendingPause) throws(StoreError) {
        try cold("DELETE FROM pause WHERE id = ?").bind(1, pause.id).run()
        snapshot.pauses.removeAll { $0.id == pause.id }
        snapshot.pauseChanges += 1
        if let section = snapshot.sections.removeValue(forKey: pause.id) { try free(section) }
        guard pause.filter.provider != nil else { return }
        // A message that no provider may take is held with the pause of one of them, and this may have been another.
        for other in snapshot.pauses where other.filter.provider != nil {
            guard let section = snapshot.sections[other.id], try hasRows(section) else { continue }
            try free(section)
            try write(other, try nextNumber())
        }
    }

    private func write(_ pause: SendingPause, _ section: Int64) throws(StoreError) {
        snapshot.sections[pause.id] = section
        snapshot.pauseChanges += 1
        let row = try cold(
            "INSERT OR REPLACE INTO pause (\(PauseColumns.list)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        PauseColumns.bind(pause, section: section, to: row)
        try row.run()
    }

    /// A number for a pause or a section of the queue that was never used before.
    private func nextNumber() throws(StoreError) -> Int64 {
        snapshot.lastPause += 1
        try sql.setMeta.bind(1, "pauses").bind(2, snapshot.lastPause).run()
        return snapshot.lastPause
    }

    // MARK: Sections of the queue

    /// Lets claims take what a section holds.
    private func free(_ section: Int64) throws(StoreError) {
        guard try hasRows(section) else { return }
        snapshot.freed[section] = [QueueKey](repeating: .first, count: Self.partitions)
        poke()
    }

    /// Whether a section of the queue holds a delivery.
    func hasRows(_ section: Int64) throws(StoreError) -> Bool {
        let row = try cold("SELECT 1 FROM queue WHERE section = ? LIMIT 1").bind(1, section)
        defer { row.reset() }
        return try row.step()
    }

    /// Forgets the freed sections that are empty. Claims would look at them in vain.
    func forgetEmptySections() throws(StoreError) {
        for section in snapshot.freed.keys where try !hasRows(section) { snapshot.freed[section] = nil }
    }

    /// Loads the pauses. Sections that belong to none of them are free.
    func loadPauses() throws(StoreError) {
        let counter = try cold("SELECT value FROM meta WHERE name = 'pauses'")
        defer { counter.reset() }
        if try counter.step() { snapshot.lastPause = counter.int(0) }
        let rows = try cold("SELECT \(PauseColumns.list) FROM pause ORDER BY id")
        while try rows.step() {
            let (pause, section) = try PauseColumns.read(rows)
            snapshot.pauses.append(pause)
            snapshot.sections[pause.id] = section
        }
        snapshot.pauseChanges += 1
        let next = try cold("SELECT min(section) FROM queue WHERE section > ?")
        var section: Int64 = 0
        while true {
            next.bind(1, section)
            defer { next.reset() }
            guard try next.step(), !next.isNull(0) else { break }
            section = next.int(0)
            if !snapshot.sections.values.contains(section) {
                snapshot.freed[section] = [QueueKey](repeating: .first, count: Self.partitions)
            }
        }
        try findNextWake(after: .distantPast)
    }

    /// Finds when the next delivery is due that a pause holds and whose message expires before.
    func findNextWake(after now: Instant) throws(StoreError) {
        let row = try cold("SELECT min(wake_at) FROM queue WHERE wake_at > ?").bind(1, now)
        defer { row.reset() }
        snapshot.nextWakeAt = try row.step() && !row.isNull(0) ? Instant(milliseconds: row.int(0)) : .distantFuture
    }

    /// The earliest time after which a pause that holds something ends by itself.
    func nextPauseEnd(after: Instant?) throws(StoreError) -> Instant? {
        var earliest: Instant?
        for pause in snapshot.pauses {
            guard let until = pause.until, until > after ?? .distantPast, until < earliest ?? .distantFuture,
                let section = snapshot.sections[pause.id], try hasRows(section)
            else { continue }
            earliest = until
        }
        return earliest
    }
}
