extension Schema {
    /// Where reading goes on in each partition of a log, and the records that could not become messages.
    ///
    /// Rejected records are few. They are found by their place, so that one that is read twice is kept once, and by
    /// their recipient, for erasures.
    static let sources = """
        CREATE TABLE source_position (
            source TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
            PRIMARY KEY (source, topic, partition)
        ) WITHOUT ROWID;
        CREATE TABLE source_reject (
            seq INTEGER PRIMARY KEY, source TEXT NOT NULL, topic TEXT NOT NULL,
            partition INTEGER NOT NULL, position INTEGER NOT NULL, at INTEGER NOT NULL, code TEXT NOT NULL,
            problem TEXT NOT NULL, recipient INTEGER, size INTEGER NOT NULL, record BLOB NOT NULL
        );
        CREATE UNIQUE INDEX source_reject_by_place ON source_reject (source, topic, partition, position);
        CREATE INDEX source_reject_by_recipient ON source_reject (recipient) WHERE recipient IS NOT NULL;
        PRAGMA user_version = 15;
        """
}
