extension Schema {
    /// How far the subscriptions to events have come.
    static let events = """
        -- position: all up to this sequence number of the log is done. last_event: that of the last event delivered.
        CREATE TABLE event_subscription (
            name TEXT PRIMARY KEY, position INTEGER, last_event INTEGER, generation INTEGER NOT NULL,
            delivered INTEGER NOT NULL, delivered_at INTEGER, failing_since INTEGER, tries INTEGER NOT NULL,
            error TEXT NOT NULL, error_at INTEGER, paused_since INTEGER, paused_by TEXT NOT NULL, reason TEXT NOT NULL
        ) WITHOUT ROWID;
        PRAGMA user_version = 14;
        """
}
