extension Schema {
    /// Pauses of sending. The queue gets sections: what a pause holds stands in a section of its own, where claims do not
    /// meet it, under the key that it had. Whatever waits is written again, in the order of the key.
    static let pauses = """
        -- section is where the queue keeps what the pause holds. Other columns of NULL match everything.
        CREATE TABLE pause (
            id INTEGER PRIMARY KEY, section INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER,
            reason TEXT NOT NULL, ordered_by TEXT NOT NULL, campaign TEXT, category TEXT, channel INTEGER,
            journey TEXT, provider TEXT, template TEXT, tenant TEXT
        );
        ALTER TABLE queue RENAME TO queue_before;
        -- Waiting deliveries only, in the order in which they are claimed. rank = 3 - priority. section is 0, or that of
        -- the pause that holds the delivery. wake_at: when it is offered before the pause ends, because it expires.
        CREATE TABLE queue (
            section INTEGER NOT NULL, channel INTEGER NOT NULL, rank INTEGER NOT NULL, due_at INTEGER NOT NULL,
            delivery INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL, flags INTEGER NOT NULL,
            wake_at INTEGER, PRIMARY KEY (section, channel, rank, due_at, delivery)
        ) WITHOUT ROWID;
        INSERT INTO queue SELECT 0, channel, rank, due_at, delivery, state, attempts, flags, NULL FROM queue_before
            ORDER BY channel, rank, due_at, delivery;
        DROP TABLE queue_before;
        CREATE INDEX queue_paused ON queue (delivery) WHERE section > 0;
        CREATE INDEX queue_woken ON queue (wake_at) WHERE wake_at IS NOT NULL;
        PRAGMA user_version = 12;
        """
}
