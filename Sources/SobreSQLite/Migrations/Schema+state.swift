import GRDB
import SobreModel
import SobreStore

extension Schema {
    /// What waits and what ended unsent can be found by state, campaign, reason and channel.
    ///
    /// A message that is sent at once pays for it with three columns in its row of the queue and no index entry. An
    /// index of all messages by state would be rewritten with each transition, five times a message. The index of the
    /// queue leaves out the deliveries that are queued, because these are the ones that pass through at full speed, and
    /// `unsent` has a row only for a delivery that ended without being sent. Counts are kept in memory (`QueueCounters`).
    private static let stateTables = """
        -- campaign: key hash, 0 for none. reason and since: of the log entry with which it came into its state.
        ALTER TABLE queue ADD COLUMN campaign INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE queue ADD COLUMN reason TEXT NOT NULL DEFAULT '';
        ALTER TABLE queue ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
        -- Deliveries that ended and are not known to have been sent; see `DeliveryState.isUnsent`. The key has the columns
        -- of the newest log entry, in the order in which filters need them. channel is 0 where the entry names none.
        CREATE TABLE unsent (
            state INTEGER NOT NULL, campaign INTEGER NOT NULL, reason TEXT NOT NULL, channel INTEGER NOT NULL,
            since INTEGER NOT NULL, delivery INTEGER NOT NULL,
            PRIMARY KEY (state, campaign, reason, channel, since, delivery)
        ) WITHOUT ROWID;
        """

    /// Fills the new columns and the new table from the log. Takes time in proportion to the log.
    ///
    /// - Parameters:
    ///   - db: The database, in the transaction of the migration.
    ///   - part: How many rows of the queue are read before they are changed.
    /// - Throws: An error of SQLite. Then nothing was changed.
    static func state(_ db: Database, part: Int = 10_000) throws {
        try db.execute(sql: stateTables)
        guard let connection = db.sqliteConnection else { return }
        try fillQueue(connection, part: part)
        try fillUnsent(connection)
        // Made last, so that filling the columns does not change it.
        try db.execute(
            sql: """
                CREATE INDEX queue_by_state ON queue (state, campaign, reason, channel, since, delivery)
                    WHERE state <> \(DeliveryState.queued.rawValue);
                PRAGMA user_version = 13;
                """)
    }

    private static func fillQueue(_ connection: OpaquePointer, part: Int) throws(StoreError) {
        let entries = DeliveryEntries(connection)
        let campaign = try Statement("SELECT campaign FROM message WHERE id = ?", on: connection)
        let read = try Statement(
            """
            SELECT section, channel, rank, due_at, delivery FROM queue
            WHERE (section, channel, rank, due_at, delivery) > (?, ?, ?, ?, ?)
            ORDER BY section, channel, rank, due_at, delivery LIMIT \(part)
            """, on: connection)
        let write = try Statement(
            """
            UPDATE queue SET campaign = ?6, reason = ?7, since = ?8
            WHERE section = ?1 AND channel = ?2 AND rank = ?3 AND due_at = ?4 AND delivery = ?5
            """, on: connection)
        var place: [Int64] = [-1, -1, -1, .min, .min]
        while true {
            for (index, value) in place.enumerated() { read.bind(Int32(index + 1), value) }
            var rows: [[Int64]] = []
            while try read.step() { rows.append((0..<5).map { read.int($0) }) }
            guard let last = rows.last else { return }
            place = last
            for row in rows {
                let delivery = DeliveryID(rawValue: row[4])
                guard let entry = try entries.last(of: delivery) else { continue }
                for (index, value) in row.enumerated() { write.bind(Int32(index + 1), value) }
                try write.bind(6, Self.campaign(of: delivery.message, campaign)).bind(7, entry.reason)
                    .bind(8, entry.at).run()
            }
        }
    }

    private static func fillUnsent(_ connection: OpaquePointer) throws(StoreError) {
        let entries = DeliveryEntries(connection)
        let campaign = try Statement("SELECT campaign FROM message WHERE id = ?", on: connection)
        let states = DeliveryState.allCases.filter(\.isUnsent).map { "\($0.rawValue)" }.joined(separator: ", ")
        let read = try Statement("SELECT seq, delivery FROM log WHERE state IN (\(states))", on: connection)
        let write = try Statement(UnsentColumns.insert, on: connection)
        while try read.step() {
            let delivery = DeliveryID(rawValue: read.int(1))
            guard let entry = try entries.last(of: delivery), entry.sequence == read.int(0) else { continue }
            UnsentColumns.bind(entry, try Self.campaign(of: delivery.message, campaign), to: write)
            try write.run()
        }
    }

    private static func campaign(of message: MessageID, _ row: Statement) throws(StoreError) -> KeyHash {
        row.bind(1, message.rawValue)
        defer { row.reset() }
        return try row.step() ? .campaign(row.optionalString(0)) : .none
    }
}
