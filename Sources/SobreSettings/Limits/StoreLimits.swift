import SobreModel

/// The limits of the embedded store. Section `store` of the settings.
public struct StoreLimits: Hashable, Sendable {
    /// The maximum number of calls waiting for the writer. Further calls fail with `overloaded`.
    public var maxWaitingWrites = 4_096
    /// The maximum number of calls that share one transaction, and therefore one sync to disk.
    public var maxGroup = 256
    /// The maximum number of calls waiting for the reading connection. Further calls fail with `overloaded`.
    public var maxWaitingReads = 256
    /// The page cache of the writing connection, in bytes.
    public var writerCacheBytes = 64 << 20
    /// The page cache of the reading connection, in bytes.
    public var readerCacheBytes = 8 << 20
    /// The size of the write-ahead log that triggers a checkpoint, in bytes.
    public var checkpointBytes = 16 << 20
    /// The size to which the write-ahead log is truncated after a checkpoint, in bytes.
    public var maxLogBytes = 128 << 20
    /// The number of parsed profiles in memory. It may reach twice this.
    public var cachedProfiles = 16_384
    /// The approximate number of contacts cached in memory by recipient, about 200 bytes each.
    public var cachedContacts = 200_000
    /// The messages in memory that were accepted a moment ago and wait to be claimed, in bytes.
    public var cachedMessageBytes = 8 << 20
    /// The number of profiles up to which an address is judged for all who hold it. An address that more profiles hold
    /// is taken for that of an organisation, whose holders are judged separately.
    public var maxAddressHolders = AddressHolder.usualMost
    /// The number of changed recipients, addresses and messages that are remembered to stop calls that have not begun.
    /// It may reach twice this.
    public var recentChanges = 65_536
    /// The number of pauses of sending that may be in force at a time. Each is compared with every message.
    public var maxPauses = 200
    /// The maximum number of pending index rows in memory, for each of contacts, idempotency keys and timeline rows.
    public var maxPendingIndexRows = 65_536
    /// The number of campaigns with waiting messages that are counted one by one. Those beyond it are counted together.
    public var maxCountedCampaigns = 10_000
    /// The number of rows that are looked at for one page of messages by state. A page with fewer messages than asked for
    /// says where to continue.
    public var maxPageRows = 25_000
    /// How long a statement waits for a lock that another process holds.
    public var busyTimeout = Duration.seconds(5)
    /// How often the write-ahead log is tried to be emptied after an erasure, while a backup or another reader needs
    /// it.
    public var erasureRetry = Duration.seconds(1)
    /// How long the writer waits for such a reader at each try.
    public var erasureWait = Duration.milliseconds(50)
    /// Whether the database is checked for corruption when it is opened. The time grows with its size.
    public var checksOnOpen = true
    /// Databases larger than this are opened without the check, in bytes.
    public var maxCheckedBytes = 64 << 20
    /// The maximum size of the database in bytes; 0 for no limit.
    public var maxBytes = 0
    /// With less room than this, on the disk or up to ``maxBytes``, the server reports that it is not ready.
    public var minRoomBytes = 16 << 20

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
        .bytes("cached_messages", \.cachedMessageBytes, 0...(16 << 30)),
        .count("max_address_holders", \.maxAddressHolders, 2...1_000),
        .count("recent_changes", \.recentChanges, 1...10_000_000),
        .count("max_pauses", \.maxPauses, 1...10_000),
        .count("max_pending_index_rows", \.maxPendingIndexRows, 1...10_000_000),
        .count("max_counted_campaigns", \.maxCountedCampaigns, 1...1_000_000),
        .count("max_page_rows", \.maxPageRows, 1_000...100_000_000),
        .duration("busy_timeout", \.busyTimeout, .milliseconds(1)...(.seconds(300))),
        .duration("erasure_retry", \.erasureRetry, .milliseconds(10)...(.seconds(3_600))),
        .duration("erasure_wait", \.erasureWait, .zero...(.seconds(10))),
        .flag("checks_on_open", \.checksOnOpen), .bytes("max_checked", \.maxCheckedBytes, 0...(1 << 40)),
        .bytes("max_size", \.maxBytes, 0...(1 << 44)),
        .bytes("min_room", \.minRoomBytes, 0...(1 << 40)),
    ]
}
