extension Schema {
    /// The incarnation that has begun an attempt. No opening has number 0: what was open before there were owners belongs to
    /// one that is gone. Takes no time, whatever the number of attempts.
    static let attemptOwner = """
        ALTER TABLE attempt ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
        PRAGMA user_version = 4;
        """
}
