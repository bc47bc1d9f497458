extension Schema {
    /// Adds the rarely used options of messages (see `MessageOptions`) and the tenant of a contact. Both are empty for
    /// most rows.
    static let admission = """
        ALTER TABLE message ADD COLUMN options TEXT;
        ALTER TABLE attempt ADD COLUMN tenant INTEGER NOT NULL DEFAULT 0;
        """
}
