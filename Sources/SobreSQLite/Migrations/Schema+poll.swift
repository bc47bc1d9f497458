extension Schema {
    /// What providers have to be asked about, and the address that a receipt is about.
    static let poll = """
        CREATE TABLE poll (
            id INTEGER PRIMARY KEY, provider TEXT NOT NULL, provider_id TEXT NOT NULL, delivery INTEGER NOT NULL,
            address INTEGER NOT NULL, is_part INTEGER NOT NULL, since INTEGER NOT NULL, due_at INTEGER NOT NULL,
            tries INTEGER NOT NULL
        );
        CREATE INDEX poll_by_time ON poll (due_at, id);
        CREATE INDEX poll_by_delivery ON poll (delivery);
        ALTER TABLE receipt ADD COLUMN address INTEGER;
        ALTER TABLE receipt ADD COLUMN is_part INTEGER NOT NULL DEFAULT 0;
        PRAGMA user_version = 9;
        """
}
