extension Schema {
    /// The audit trail, which begins empty.
    static let audit = """
        -- Append-only, apart from erasures. subject_key: the recipient or address that the entry is about, if it is one.
        CREATE TABLE audit (
            seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, author TEXT NOT NULL, note TEXT NOT NULL,
            action TEXT NOT NULL, subject TEXT NOT NULL, subject_key INTEGER, detail TEXT NOT NULL
        );
        CREATE INDEX audit_by_subject ON audit (subject_key) WHERE subject_key IS NOT NULL;
        """
}
