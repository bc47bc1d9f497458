extension Schema {
    /// Aliases, the history of consents, and suppressions by reason. A recipient whose address bounced and who replied
    /// STOP has two suppressions, and START lifts only the second.
    static let identity = """
        -- Each alias refers to the id of the person, never to another alias. id is empty once the person is erased.
        CREATE TABLE alias (
            key INTEGER PRIMARY KEY, person INTEGER NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL
        );
        CREATE INDEX alias_by_person ON alias (person);
        -- Append-only. channel 0 means all.
        CREATE TABLE consent_log (
            seq INTEGER PRIMARY KEY, person INTEGER NOT NULL, recipient TEXT NOT NULL, category TEXT NOT NULL,
            channel INTEGER NOT NULL, granted INTEGER NOT NULL, at INTEGER, source TEXT, evidence TEXT,
            recorded_at INTEGER NOT NULL
        );
        CREATE INDEX consent_log_by_person ON consent_log (person);
        ALTER TABLE profile ADD COLUMN caps TEXT;
        ALTER TABLE profile ADD COLUMN former_zones TEXT;
        DROP INDEX suppression_by_time;
        ALTER TABLE suppression RENAME TO suppression_before;
        -- channel 0 and category '' mean all.
        CREATE TABLE suppression (
            subject INTEGER NOT NULL, channel INTEGER NOT NULL, category TEXT NOT NULL, reason TEXT NOT NULL,
            label TEXT NOT NULL, source TEXT NOT NULL, at INTEGER NOT NULL, evidence TEXT,
            PRIMARY KEY (subject, channel, category, reason)
        ) WITHOUT ROWID;
        INSERT INTO suppression SELECT subject, channel, category, reason, label, source, at, NULL
            FROM suppression_before;
        DROP TABLE suppression_before;
        CREATE INDEX suppression_by_time ON suppression (at);
        """
}
