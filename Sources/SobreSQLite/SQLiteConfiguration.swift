public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bounds of an embedded store.
public struct SQLiteConfiguration: Sendable {
    /// Calls that may wait for the writer; beyond, they fail with `overloaded`.
    public var maxWaitingWrites: Int
    /// Calls that may share one transaction, and so one sync of the disk.
    public var maxGroup: Int
    /// Calls that may wait for the reading connection; beyond, they fail with `overloaded`.
    public var maxWaitingReads: Int
    /// Memory for pages of the database on the writing connection, in KiB.
    public var writerCacheKiB: Int
    /// Memory for pages of the database on the reading connection, in KiB.
    public var readerCacheKiB: Int
    /// Pages of 4 KiB in the write-ahead log after which it is copied into the database.
    public var checkpointPages: Int
    /// The write-ahead log is cut back to this many bytes after it was copied.
    public var walSizeLimit: Int
    /// Profiles kept parsed, at most twice as many.
    public var cachedProfiles: Int
    /// Contacts kept in memory with the people they reached, about; some 200 bytes each.
    public var cachedContacts: Int
    /// Contacts, idempotency keys and timeline rows that wait in memory to be filed in key order; each.
    public var maxPendingIndexRows: Int
    /// How long a statement waits for a lock that another process holds.
    public var busyTimeout: Duration
    /// Whether the file is checked for damage when it is opened. Its time grows with the file.
    public var checksOnOpen: Bool
    /// Files larger than this are opened without the check for damage, in bytes.
    public var maxCheckedBytes: Int
    /// Refuses to grow the database beyond this many pages of 4 KiB; 0: as large as the disk allows.
    public var maxPages: Int
    /// The other names that one person may have.
    public var maxAliases: Int = 256
    /// The addresses that a person may have after a merge.
    public var maxMergedAddresses: Int = 64
    /// The consents in force that a person may have.
    public var maxConsents: Int = 256
    /// Told of each decision how many nanoseconds it took together with reading its facts; called on the writer's thread,
    /// so it must be quick. Nil: nothing is measured.
    public var onDecision: (@Sendable (_ nanoseconds: Int64) -> Void)?
    /// Called when the database can no longer be trusted to hold what it acknowledged (an I/O error, damage). It should
    /// end the process: what a failed COMMIT did can only be known by opening the database again.
    public var onFatal: @Sendable (StoreError) -> Void
    /// Told after each transaction that wrote: how long its COMMIT took, the sync of the disk included, and how many
    /// calls shared it. Called on the writer's thread: it must not block.
    public var onCommit: @Sendable (_ took: Duration, _ calls: Int) -> Void = { _, _ in }

    /// Told when a store of an earlier layout is opened, before it is converted and after: with millions of messages that
    /// takes minutes. Called on the thread that opens.
    public var onUpgrade: @Sendable (LayoutUpgrade) -> Void = { _ in }

    public init(
        maxWaitingWrites: Int = 4096, maxGroup: Int = 256, maxWaitingReads: Int = 256, writerCacheKiB: Int = 65_536,
        readerCacheKiB: Int = 8192, checkpointPages: Int = 4096, walSizeLimit: Int = 128 << 20,
        cachedProfiles: Int = 16_384, cachedContacts: Int = 200_000, maxPendingIndexRows: Int = 65_536,
        busyTimeout: Duration = .seconds(5),
        checksOnOpen: Bool = true, maxCheckedBytes: Int = 64 << 20, maxPages: Int = 0,
        onFatal: @escaping @Sendable (StoreError) -> Void = SQLiteConfiguration.exitProcess
    ) {
        self.maxWaitingWrites = maxWaitingWrites
        self.maxGroup = maxGroup
        self.maxWaitingReads = maxWaitingReads
        self.writerCacheKiB = writerCacheKiB
        self.readerCacheKiB = readerCacheKiB
        self.checkpointPages = checkpointPages
        self.walSizeLimit = walSizeLimit
        self.cachedProfiles = cachedProfiles
        self.cachedContacts = cachedContacts
        self.maxPendingIndexRows = maxPendingIndexRows
        self.busyTimeout = busyTimeout
        self.checksOnOpen = checksOnOpen
        self.maxCheckedBytes = maxCheckedBytes
        self.maxPages = maxPages
        self.onFatal = onFatal
    }

    /// Writes the error to standard error and ends the process at once with status 70 (`EX_SOFTWARE`).
    @Sendable
    public static func exitProcess(_ error: StoreError) {
        let line = Array("sobre: the store failed and the process ends: \(error)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        _exit(70)
    }
}
