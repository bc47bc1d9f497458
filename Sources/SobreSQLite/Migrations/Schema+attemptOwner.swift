extension Schema {
    /// Adds the incarnation that began an attempt. No incarnation has number 0, so attempts that were open before this
    /// change belong to one that is gone. The change takes constant time.
    static let attemptOwner = """
        ALTER TABLE attempt ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
        PRAGMA user_version = 4;
        """
}
