/// The bounds of the embedded store. The section `store` of the settings.
public struct StoreLimits: Hashable, Sendable {
    /// Calls that may wait for the writer; beyond, they fail with `overloaded`.
    public var maxWaitingWrites = 4_096
    /// Calls that may share one transaction, and so one sync of the disk.
    public var maxGroup = 256
    /// Calls that may wait for the reading connection; beyond, they fail with `overloaded`.
    public var maxWaitingReads = 256
    /// Memory for pages of the database on the writing connection, in bytes.
    public var writerCacheBytes = 64 << 20
    /// Memory for pages of the database on the reading connection, in bytes.
    public var readerCacheBytes = 8 << 20
    /// The write-ahead log is copied into the database when it has grown by so many bytes.
    public var checkpointBytes = 16 << 20
    /// The write-ahead log is cut back to this many bytes after it was copied.
    public var maxLogBytes = 128 << 20
    /// Profiles kept parsed, at most twice as many.
    public var cachedProfiles = 16_384
    /// Contacts kept in memory with the people they reached, about; some 200 bytes each.
    public var cachedContacts = 200_000
    /// Contacts, idempotency keys and timeline rows whose index entries wait in memory; each.
    public var maxPendingIndexRows = 65_536
    /// How long a statement waits for a lock that another process holds.
    public var busyTimeout = Duration.seconds(5)
    /// Whether the file is checked for damage when it is opened. The time for it grows with the file.
    public var checksOnOpen = true
    /// Files larger than this are opened without the check for damage, in bytes.
    public var maxCheckedBytes = 64 << 20
    /// The database does not grow beyond this many bytes; 0: as large as the disk allows.
    public var maxBytes = 0

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_waiting_writes", \.maxWaitingWrites, 1...1_000_000), .count("max_group", \.maxGroup, 1...65_536),
        .count("max_waiting_reads", \.maxWaitingReads, 1...1_000_000),
        .bytes("writer_cache", \.writerCacheBytes, 1 << 20...(64 << 30)),
        .bytes("reader_cache", \.readerCacheBytes, 256 << 10...(64 << 30)),
        .bytes("checkpoint", \.checkpointBytes, 256 << 10...(1 << 30)),
        .bytes("max_log", \.maxLogBytes, 1 << 20...(16 << 30)),
        .count("cached_profiles", \.cachedProfiles, 1...10_000_000),
        .count("cached_contacts", \.cachedContacts, 1...100_000_000),
        .count("max_pending_index_rows", \.maxPendingIndexRows, 1...10_000_000),
        .duration("busy_timeout", \.busyTimeout, .milliseconds(1)...(.seconds(300))),
        .flag("checks_on_open", \.checksOnOpen), .bytes("max_checked", \.maxCheckedBytes, 0...(1 << 40)),
        .bytes("max_size", \.maxBytes, 0...(1 << 44)),
    ]
}
