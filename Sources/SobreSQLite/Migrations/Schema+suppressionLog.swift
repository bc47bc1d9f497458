extension Schema {
    /// The history of suppressions, which keeps the evidence of a suppression after it was lifted. It starts with the
    /// suppressions in force at the time of the migration.
    static let suppressionLog = """
        -- Append-only. channel 0 and category '' mean all. If is_lifted: source, evidence and at describe the lifting.
        CREATE TABLE suppression_log (
            seq INTEGER PRIMARY KEY, subject INTEGER NOT NULL, channel INTEGER NOT NULL, category TEXT NOT NULL,
            reason TEXT NOT NULL, label TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL, evidence TEXT,
            is_lifted INTEGER NOT NULL, recorded_at INTEGER NOT NULL
        );
        CREATE INDEX suppression_log_by_subject ON suppression_log (subject);
        INSERT INTO suppression_log (subject, channel, category, reason, label, source, at, evidence, is_lifted,
                recorded_at)
            SELECT subject, channel, category, reason, label, source, at, evidence, 0, at FROM suppression ORDER BY at;
        """
}
