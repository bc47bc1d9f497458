extension Schema {
    /// When an address was registered last, for channels whose addresses are devices: with each profile that is stored
    /// with it. A provider's word that it died before says nothing any more.
    static let device = """
        CREATE TABLE device (address INTEGER PRIMARY KEY, registered_at INTEGER NOT NULL);
        PRAGMA user_version = 10;
        """
}
