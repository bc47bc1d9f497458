import GRDB

extension Schema {
    /// A recipient's ledger holds whole rows, so that a decision reads one or two pages and not one page per contact.
    private static let ledgerTables = """
        -- Committed attempts by recipient, with the columns that decisions need, so that a recipient's contacts are
        -- adjacent. person: the key hash of the id or alias that the message was sent to.
        CREATE TABLE person_contact (
            person INTEGER NOT NULL, spent_at INTEGER NOT NULL, attempt INTEGER NOT NULL, delivery INTEGER NOT NULL,
            channel INTEGER NOT NULL, opened_at INTEGER NOT NULL, address INTEGER NOT NULL, category INTEGER NOT NULL,
            campaign INTEGER NOT NULL, journey INTEGER NOT NULL, topic INTEGER NOT NULL, template INTEGER NOT NULL,
            tags BLOB, counts INTEGER NOT NULL, dedup INTEGER NOT NULL, fingerprint INTEGER NOT NULL,
            tenant INTEGER NOT NULL, PRIMARY KEY (person, spent_at, attempt)
        ) WITHOUT ROWID;
        -- The recipients of an address. Recipients who share an address count each other's contacts with it, which are
        -- found through this table.
        CREATE TABLE address_person (
            address INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (address, person)
        ) WITHOUT ROWID;
        """

    /// Builds the ledgers from the attempts. They replace the table `contact`, which held the keys of both recipients
    /// and addresses.
    ///
    /// Each table is written in key order, so that every page is written once. The rows are sorted in memory, because
    /// there may be no room for temporary files. To bound that memory, a part of the key range is sorted at a time. The
    /// keys are hashes and evenly distributed.
    ///
    /// - Parameters:
    ///   - db: The database, in the transaction of the migration.
    ///   - rowsAPart: About how many whole rows are sorted at a time, at some 500 bytes each. For `address_person`,
    ///     which holds keys only, four times as many.
    /// - Throws: An error of SQLite. Then nothing was changed.
    static func ledger(_ db: Database, rowsAPart: Int64 = 1 << 19) throws {
        try db.execute(sql: ledgerTables)
        let rows = try Int64.fetchOne(db, sql: "SELECT max(id) - min(id) + 1 FROM attempt") ?? 0
        for (column, copy, share) in ledgerCopies {
            let parts = UInt64(rows / (rowsAPart * share) + 1)
            let width = UInt64.max / parts
            let statement = try db.makeStatement(
                sql: "\(copy) FROM attempt WHERE state = 1 AND \(column) BETWEEN ? AND ? ORDER BY 1, 2")
            for part in 0..<parts {
                // Hashes are stored as signed numbers, so the range goes from the least to the greatest of these.
                let low = Int64(bitPattern: (part * width) ^ 1 << 63)
                let high = part == parts - 1 ? Int64.max : Int64(bitPattern: ((part + 1) * width - 1) ^ 1 << 63)
                try statement.execute(arguments: [low, high])
            }
        }
        // The new `user_version` makes older programs, which need `contact`, report that they are too old.
        try db.execute(sql: "DROP TABLE contact; PRAGMA user_version = 2")
    }

    private static let ledgerCopies: [(column: String, copy: String, share: Int64)] = [
        (
            "recipient",
            """
            INSERT INTO person_contact SELECT recipient, spent_at, id, delivery, channel, opened_at, address, category,
                campaign, journey, topic, template, tags, counts, dedup, fingerprint, tenant
            """, 1
        ),
        ("address", "INSERT OR IGNORE INTO address_person SELECT address, recipient", 4),
    ]
}
