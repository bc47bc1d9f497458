extension Schema {
    /// When an address last wrote to us. Only for channels on which that opens a window for free texts. The index is for
    /// pruning.
    static let lastInbound = """
        CREATE TABLE last_inbound (address INTEGER PRIMARY KEY, at INTEGER NOT NULL);
        CREATE INDEX last_inbound_by_time ON last_inbound (at);
        PRAGMA user_version = 8;
        """
}
