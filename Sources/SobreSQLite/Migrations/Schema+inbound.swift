extension Schema {
    /// Messages of recipients that were not understood. Few and short-lived; the sequence is the order of arrival.
    static let inbound = """
        CREATE TABLE inbound (
            seq INTEGER PRIMARY KEY, received_at INTEGER NOT NULL, channel INTEGER NOT NULL, sender INTEGER NOT NULL,
            label TEXT NOT NULL, provider TEXT, words TEXT NOT NULL
        );
        CREATE INDEX inbound_by_sender ON inbound (sender);
        PRAGMA user_version = 5;
        """
}
