import SobreModel
import SobreStore

/// Which entries of the log are rows of the table, and which are derived from messages and attempts.
struct LogBounds {
    /// The entries up to this sequence number are rows: they were written before entries were derived.
    let entriesStoredTo: Int64
    /// The first entries of the messages up to this ID are rows too.
    let messagesStoredTo: Int64

    init(on db: OpaquePointer) throws(StoreError) {
        let row = try Statement("SELECT value FROM meta WHERE name = ?", on: db)
        func value(_ name: String) throws(StoreError) -> Int64 {
            row.bind(1, name)
            defer { row.reset() }
            return try row.step() ? row.int(0) : 0
        }
        entriesStoredTo = try value("entries_stored_to")
        messagesStoredTo = try value("messages_stored_to")
    }

    /// The sequence number of the newest entry. This entry is never removed, so no cursor lies beyond the end of the
    /// log, and numbers are never used again.
    func newest(on db: OpaquePointer) throws(StoreError) -> Int64 {
        let row = try Statement("SELECT (SELECT max(seq) FROM log), (SELECT max(id) FROM attempt)", on: db)
        let stored = try row.step() ? max(row.int(0), row.int(1)) : 0
        let accepted = try newestMessage(on: db)?.lastSequence ?? 0
        return max(stored, accepted, entriesStoredTo)
    }

    /// The ID of the newest message whose first entry's sequence number is at most `sequence`. If there is none, the ID
    /// up to which messages have no derived entries.
    ///
    /// Sequence numbers increase with message IDs, so a binary search over the IDs finds it without an index. It takes
    /// about 55 look-ups.
    func message(upTo sequence: Int64, on db: OpaquePointer) throws(StoreError) -> Int64 {
        guard let newest = try newestMessage(on: db) else { return messagesStoredTo }
        if newest.firstSequence <= sequence { return newest.id.rawValue }
        let row = try Statement(
            "SELECT id, seq FROM message WHERE id > ?1 AND id <= ?2 ORDER BY id DESC LIMIT 1", on: db)
        var found = messagesStoredTo
        var low = try oldestMessage(on: db) - 1
        var high = newest.id.rawValue
        // Messages up to `low` are not newer than the one that is looked for. Messages after `high` are.
        while low < high {
            let middle = low + (high - low + 1) / 2
            row.bind(1, low).bind(2, middle)
            defer { row.reset() }
            if try !row.step() {
                low = middle
            } else if row.int(1) <= sequence {
                found = row.int(0)
                low = middle
            } else {
                high = row.int(0) - 1
            }
        }
        return found
    }

    /// The sequence number from which on attempts can belong to a message that is still stored. The ledger is kept longer
    /// than the messages, and its older part implies no entries.
    func firstAttempt(on db: OpaquePointer) throws(StoreError) -> Int64 {
        let row = try Statement("SELECT seq FROM message ORDER BY id LIMIT 1", on: db)
        guard try row.step() else { return .max }
        return max(entriesStoredTo + 1, row.optionalInt(0) ?? 0)
    }

    private func newestMessage(on db: OpaquePointer) throws(StoreError) -> AcceptedMessage? {
        let row = try Statement("SELECT \(AcceptedMessage.list) FROM message ORDER BY id DESC LIMIT 1", on: db)
        return try row.step() ? try AcceptedMessage(row) : nil
    }

    private func oldestMessage(on db: OpaquePointer) throws(StoreError) -> Int64 {
        let row = try Statement("SELECT id FROM message WHERE id > ? ORDER BY id LIMIT 1", on: db)
            .bind(1, messagesStoredTo)
        return try row.step() ? row.int(0) : .max
    }
}
