extension Schema {
    /// Derives the log entries that messages and attempts imply: that a delivery was accepted, and that an attempt was
    /// begun. Entries that were written before stay in the log as they are. The indexes are built anew, which takes time
    /// in proportion to the log and the attempts.
    static let derivedEntries = """
        -- The sequence number of the first delivery's first log entry. The next deliveries have the next numbers. NULL
        -- for messages whose first entries are rows of `log`.
        ALTER TABLE message ADD COLUMN seq INTEGER;
        -- The sequence number of the attempt's newest log entry. It is the attempt's ID until the outcome is recorded,
        -- so that an update does not change the row's size. NULL for attempts whose entries are rows of `log`, and for
        -- those whose message was removed.
        ALTER TABLE attempt ADD COLUMN last_entry INTEGER;
        -- The decision as a text. NULL when it is empty.
        ALTER TABLE attempt ADD COLUMN summary TEXT;
        -- 1 for an outcome that is found through `attempt.last_entry`. The index leaves these rows out.
        ALTER TABLE log ADD COLUMN is_outcome INTEGER NOT NULL DEFAULT 0;
        DROP INDEX log_by_delivery;
        CREATE INDEX log_by_delivery ON log (delivery) WHERE is_outcome = 0;
        -- Not partial: SQLite would rewrite the entry of a partial index with each outcome.
        CREATE INDEX attempt_by_delivery ON attempt (delivery);
        INSERT OR REPLACE INTO meta SELECT 'entries_stored_to',
            max(coalesce((SELECT max(seq) FROM log), 0), coalesce((SELECT max(id) FROM attempt), 0));
        INSERT OR REPLACE INTO meta SELECT 'messages_stored_to', coalesce(max(id), 0) FROM message;
        PRAGMA user_version = 7;
        """
}
