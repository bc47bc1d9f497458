extension Schema {
    /// What few messages ask for (see `MessageOptions`), and the tenant of a contact: both nothing for most.
    static let admission = """
        ALTER TABLE message ADD COLUMN options TEXT;
        ALTER TABLE attempt ADD COLUMN tenant INTEGER NOT NULL DEFAULT 0;
        """
}
