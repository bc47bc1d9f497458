import GRDB

extension Schema {
    /// Whole rows for a person's ledger, so that a decision reads a page or two of it and not one for each contact.
    private static let ledgerTables = """
        -- Spent attempts by the person whom they reached, with all that deciding asks of them: what a person got lies side
        -- by side. person: the name it came under, the id's or an alias's.
        CREATE TABLE person_contact (
            person INTEGER NOT NULL, spent_at INTEGER NOT NULL, attempt INTEGER NOT NULL, delivery INTEGER NOT NULL,
            channel INTEGER NOT NULL, opened_at INTEGER NOT NULL, address INTEGER NOT NULL, category INTEGER NOT NULL,
            campaign INTEGER NOT NULL, journey INTEGER NOT NULL, topic INTEGER NOT NULL, template INTEGER NOT NULL,
            tags BLOB, counts INTEGER NOT NULL, dedup INTEGER NOT NULL, fingerprint INTEGER NOT NULL,
            tenant INTEGER NOT NULL, PRIMARY KEY (person, spent_at, attempt)
        ) WITHOUT ROWID;
        -- Whom an address was used for. Of people who share one, each counts the other's contacts with it: they are found by
        -- this, and read from the other's ledger.
        CREATE TABLE address_person (
            address INTEGER NOT NULL, person INTEGER NOT NULL, PRIMARY KEY (address, person)
        ) WITHOUT ROWID;
        """

    /// Makes the ledgers from the attempts, in place of `contact`, which held keys of both people and addresses.
    ///
    /// Each is written in the order of its key, so that every page is written once. That takes sorting, in memory, because
    /// there may be no place for temporary files: so it is done a part of the keys at a time, which are hashes and
    /// spread evenly.
    ///
    /// - Parameters:
    ///   - db: the database, in the transaction of the migration.
    ///   - rowsAPart: how many whole rows are sorted at a time, about; they take some 500 bytes each. Of keys it is four
    ///     times as many.
    /// - Throws: what SQLite says; then nothing was changed.
    static func ledger(_ db: Database, rowsAPart: Int64 = 1 << 19) throws {
        try db.execute(sql: ledgerTables)
        let rows = try Int64.fetchOne(db, sql: "SELECT max(id) - min(id) + 1 FROM attempt") ?? 0
        for (column, copy, share) in ledgerCopies {
            let parts = UInt64(rows / (rowsAPart * share) + 1)
            let width = UInt64.max / parts
            let statement = try db.makeStatement(
                sql: "\(copy) FROM attempt WHERE state = 1 AND \(column) BETWEEN ? AND ? ORDER BY 1, 2")
            for part in 0..<parts {
                // From the least to the greatest of the signed numbers as which hashes are stored.
                let low = Int64(bitPattern: (part * width) ^ 1 << 63)
                let high = part == parts - 1 ? Int64.max : Int64(bitPattern: ((part + 1) * width - 1) ^ 1 << 63)
                try statement.execute(arguments: [low, high])
            }
        }
        // A program that looks for `contact` says that it is too old.
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
