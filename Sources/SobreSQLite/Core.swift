import Files
import GRDBSQLite
import SobreModel
import SobreSettings
import SobreStore

/// The state of the writer thread: its connection's statements, and the data kept in memory beside the tables.
///
/// Confined to the writer thread. When a transaction fails, its changes here are undone. Plain values are copied when
/// the transaction begins (`Snapshot`); changes of dictionaries are recorded in `undo`.
final class Core {
    /// Plain values, copied when a transaction begins.
    struct Snapshot {
        var nextSequence: Int64
        /// The ID of the newest attempt.
        var lastAttempt: Int64
        var nextEpoch: Int64
        var ids: MessageIDGenerator
        /// The latest time used so far. ``now()`` never returns an earlier one.
        var highWater: Instant
        var tally = [Int64](repeating: 0, count: 32)
        var waiting: Int
        var suppressions: Int
        var policyVersion: Int
        /// Where claiming continues, by channel and rank.
        var cursors = [QueueKey](repeating: .first, count: Core.partitions)
        /// A lower bound for the end of all leases.
        var leasesEndAfter = Instant.distantFuture
        /// When a claim of any priority was made last.
        var lastClaimAt = Instant.distantPast
        /// When a claim of urgent deliveries alone was made last.
        var lastUrgentClaimAt = Instant.distantPast
        var pruneFrom: Int64 = 0
        /// No open attempt has a smaller ID.
        var openFrom: Int64
        /// Writing transactions since the file was made.
        var commits: Int64
        /// The pauses of sending, oldest first, and the section of the queue that belongs to each.
        var pauses: [SendingPause] = []
        var sections: [Int64: Int64] = [:]
        /// Counts changes of `pauses`.
        var pauseChanges = 0
        /// The newest number of a pause or a section.
        var lastPause: Int64 = 0
        /// The sections whose pause has ended, with where claiming continues in each partition.
        var freed: [Int64: [QueueKey]] = [:]
        /// A lower bound for the `wake_at` of what is not claimed.
        var nextWakeAt = Instant.distantFuture
    }

    /// How to revert one change of a dictionary.
    enum Undo {
        case leased(Int64)
        case released(Int64, Lease)
        case opened(Int64)
        case closed(OpenAttempt)
        case contact(Int64)
        case key(Int64)
        case person
    }

    /// The number of channels times the number of priorities.
    static let partitions = Channel.allCases.count * Priority.allCases.count

    let connection: OpaquePointer
    let time: any TimeSource
    let configuration: SQLiteConfiguration
    /// The incarnation of this opening. Holding the owner lock proves that every earlier incarnation is gone.
    let incarnation: NodeIncarnation
    let sql: HotStatements
    let entries: DeliveryEntries
    /// Entries up to this sequence number are rows of the log. Later ones are derived where a row implies them.
    let entriesStoredTo: Int64
    private var coldStatements: [String: Statement] = [:]

    var snapshot: Snapshot
    private var committed: Snapshot
    private var undo: [Undo] = []
    private(set) var leases: [Int64: Lease] = [:]
    private(set) var open = OpenAttempts()
    var profiles: ProfileCache
    var ledgers: LedgerCache
    /// Whether there is work of any priority.
    let signal = WorkSignal()
    /// Whether there is urgent work.
    let urgentSignal = WorkSignal()
    /// Noted by this thread, on which decisions are made too: one that is asked for later sees the change.
    let changes: RecentChanges
    /// Replaced when a transaction that changed the pauses has been committed, before its calls are answered.
    let pausesInForce = PausesInForce()
    /// One for each freed section and channel that a claim merges. Made when they are needed.
    var sectionScans: [Statement] = []
    let counters: QueueCounters
    /// What the current transaction changes in the counters.
    var queueChanges = QueueCounters.Changes()
    private(set) var pendingIndexRows: PendingIndexRows
    var freshMessages: FreshMessages
    /// Messages of erased recipients with an attempt in flight.
    var erasedInFlight: Set<MessageID> = []
    var logCleaning = LogCleaning()
    /// True when the current transaction writes all pending index rows.
    var indexesAll = false
    private var isWriting = false
    /// Nil for a read-only connection.
    private let mark: CommitNumberFile?
    /// Where `tally` counts commits: no state has this number, and the page is written by nearly every commit anyway.
    static let commitRow: Int64 = -1

    /// Loads the in-memory state from the tables.
    ///
    /// - Parameters:
    ///   - connection: The writing connection, or a read-only one.
    ///   - time: The store's clock.
    ///   - configuration: The store's limits.
    ///   - isReading: True for a read-only connection, which must be in a transaction. Nothing is written then, and
    ///     only functions that read may be called.
    /// - Throws: A ``StoreError`` when the file cannot be read or holds values that this version does not know.
    init(
        connection: OpaquePointer, time: any TimeSource, configuration: SQLiteConfiguration, isReading: Bool = false
    ) throws(StoreError) {
        self.connection = connection
        self.time = time
        self.configuration = configuration
        sql = try HotStatements(connection)
        entries = DeliveryEntries(connection)
        entriesStoredTo = try LogBounds(on: connection).entriesStoredTo
        pendingIndexRows = PendingIndexRows(limit: configuration.limits.maxPendingIndexRows)
        freshMessages = FreshMessages(capacity: configuration.limits.cachedMessageBytes)
        profiles = ProfileCache(capacity: configuration.limits.cachedProfiles)
        ledgers = LedgerCache(capacity: configuration.limits.cachedContacts)
        changes = RecentChanges(capacity: configuration.limits.recentChanges)
        counters = QueueCounters(maxCampaigns: configuration.limits.maxCountedCampaigns)
        if !isReading { try Self.countBoot(connection) }
        incarnation = try Self.lastIncarnation(connection)
        snapshot = try Self.loadSnapshot(connection, incarnation)
        if !isReading { snapshot.waiting = try counters.load(connection) }
        committed = snapshot
        let directory = FilePath.folder(of: String(cString: sqlite3_db_filename(connection, nil)))
        mark = isReading ? nil : try CommitNumberFile(directory: directory)
        if !isReading {
            let lost = CommitNumberFile.read(in: directory) - snapshot.commits
            if lost > 0 { configuration.onLoss(lost) }
        }
        time.neverBefore(snapshot.highWater)
        try loadPauses()
        pausesInForce.replace(with: snapshot.pauses)
        let openRows = try Statement(
            "SELECT \(AttemptColumns.list) FROM attempt WHERE id >= \(snapshot.openFrom) AND state = 0", on: connection)
        while try openRows.step() {
            open.insert(try AttemptColumns.read(openRows, holders: try holders(ofAttempt: openRows.int(0))))
        }
        guard !isReading else {
            try loadPendingContacts()
            return
        }
        try begin(writing: true)
        try endPauses()
        try indexAll()
        try commit()
    }

    /// Counts this opening. The count is durable before the incarnation owns anything.
    private static func countBoot(_ connection: OpaquePointer) throws(StoreError) {
        let count = "INSERT INTO meta VALUES ('boots', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        try Statement(count, on: connection).run()
    }

    /// The incarnation of the last counted opening.
    private static func lastIncarnation(_ connection: OpaquePointer) throws(StoreError) -> NodeIncarnation {
        let boots = try Statement("SELECT value FROM meta WHERE name = 'boots'", on: connection)
        defer { boots.reset() }
        guard try boots.step() else { throw StoreError(.internal, "No opening of the store was counted.") }
        return NodeIncarnation(rawValue: boots.int(0))
    }

    private static func loadSnapshot(
        _ connection: OpaquePointer, _ incarnation: NodeIncarnation
    ) throws(StoreError) -> Snapshot {
        func number(_ sql: String) throws(StoreError) -> Int64 {
            let statement = try Statement(sql, on: connection)
            defer { statement.reset() }
            return try statement.step() ? statement.int(0) : 0
        }
        let lastMessage = try number("SELECT max(id) FROM message")
        // Every write that uses a time also makes a log entry with it, stored or derived, so the newest entry holds the
        // high-water mark.
        let highWater = max(
            try number("SELECT at FROM log ORDER BY seq DESC LIMIT 1"),
            try number("SELECT opened_at FROM attempt ORDER BY id DESC LIMIT 1"),
            try number("SELECT accepted_at FROM message ORDER BY id DESC LIMIT 1"))
        var snapshot = Snapshot(
            nextSequence: try LogBounds(on: connection).newest(on: connection) + 1,
            lastAttempt: try number("SELECT max(id) FROM attempt"),
            // Greater than every epoch of an earlier run, because a crash releases all leases.
            nextEpoch: incarnation.rawValue << 32,
            ids: MessageIDGenerator(after: MessageID(rawValue: lastMessage)),
            highWater: Instant(milliseconds: highWater),
            waiting: 0,
            suppressions: Int(try number("SELECT count(*) FROM suppression")),
            policyVersion: Int(try number("SELECT max(version) FROM policy")),
            openFrom: try number("SELECT value FROM meta WHERE name = 'open_from'"),
            commits: try number("SELECT deliveries FROM tally WHERE state = \(commitRow)"))
        let tally = try Statement("SELECT state, deliveries FROM tally", on: connection)
        while try tally.step() {
            let state = Int(tally.int(0))
            if snapshot.tally.indices.contains(state) { snapshot.tally[state] = tally.int(1) }
        }
        return snapshot
    }

    // MARK: Clock

    /// The store's time. It never goes backwards.
    func now() -> Instant {
        let now = time.now()
        if now > snapshot.highWater { snapshot.highWater = now }
        return snapshot.highWater
    }

    // MARK: Transactions

    func begin(writing: Bool) throws(StoreError) {
        isWriting = writing
        committed = snapshot
        undo.removeAll(keepingCapacity: true)
        pendingIndexRows.begin()
        try (writing ? sql.begin : sql.beginReading).run()
    }

    func commit() throws(StoreError) {
        for state in snapshot.tally.indices where snapshot.tally[state] != committed.tally[state] {
            try sql.setTally.bind(1, Int64(state)).bind(2, snapshot.tally[state]).run()
        }
        try noteOpenFrom()
        if isWriting {
            snapshot.commits += 1
            try sql.setTally.bind(1, Self.commitRow).bind(2, snapshot.commits).run()
        }
        if indexesAll {
            // Runs again for rows that were added after the first run in this transaction.
            try indexAll()
            try sql.commit.run()
            pendingIndexRows.removeAll()
            indexesAll = false
        } else if !isWriting {
            try sql.commit.run()
        } else {
            let filed = try fileNext()
            try sql.commit.run()
            pendingIndexRows.didIndex(contacts: filed.contacts, keys: filed.keys, people: filed.people)
        }
        if isWriting { mark?.write(snapshot.commits) }
        if snapshot.pauseChanges != committed.pauseChanges { pausesInForce.replace(with: snapshot.pauses) }
        counters.apply(queueChanges, inFlight: open.count)
        queueChanges.removeAll()
    }

    /// Stores a lower bound for the IDs of open attempts, from which the next start searches. An index of open attempts
    /// would cost two index changes per message.
    private func noteOpenFrom() throws(StoreError) {
        snapshot.openFrom = open.oldest() ?? snapshot.lastAttempt + 1
        if snapshot.openFrom == committed.openFrom { return }
        try sql.setMeta.bind(1, "open_from").bind(2, snapshot.openFrom).run()
    }

    /// Reverts the transaction, in the file and in memory.
    func rollback() {
        // A statement that an error left half-way would not accept new bindings.
        var statement = sqlite3_next_stmt(connection, nil)
        while let current = statement {
            sqlite3_reset(current)
            statement = sqlite3_next_stmt(connection, current)
        }
        if sqlite3_get_autocommit(connection) == 0 { try? sql.rollback.run() }
        snapshot = committed
        queueChanges.removeAll()
        for step in undo.reversed() {
            switch step {
            case .leased(let delivery): leases[delivery] = nil
            case .released(let delivery, let lease): leases[delivery] = lease
            case .opened(let id): open.remove(id)
            case .closed(let attempt): open.insert(attempt)
            case .contact(let subject): pendingIndexRows.undoContact(of: subject)
            case .key(let hash): pendingIndexRows.undoKey(hash)
            case .person: pendingIndexRows.peopleQueue.undoAppend()
            }
        }
        undo.removeAll(keepingCapacity: true)
        freshMessages.removeAll()
        profiles.removeAll()
        ledgers.removeAll()
        indexesAll = false
    }

    /// Writes all pending index rows and empties the write-ahead log into the database file.
    func finish() {
        // An error here is not fatal. The log is read and the remaining rows are written when the database is opened
        // again.
        do throws(StoreError) {
            try begin(writing: true)
            try indexAll()
            try commit()
        } catch {
            rollback()
        }
        guard let checkpoint = try? Statement("PRAGMA wal_checkpoint(TRUNCATE)", on: connection) else { return }
        _ = try? checkpoint.step()
    }

    /// Empties the write-ahead log, if that is due. Not within a transaction.
    func cleanLog() {
        if logCleaning.isDue { logCleaning.run(on: connection, configuration.limits) }
    }

    // MARK: Transactional memory

    func setLease(_ lease: Lease, for delivery: Int64) {
        leases[delivery] = lease
        undo.append(.leased(delivery))
    }

    @discardableResult
    func endLease(_ delivery: Int64) -> Lease? {
        guard let lease = leases.removeValue(forKey: delivery) else { return nil }
        undo.append(.released(delivery, lease))
        return lease
    }

    /// Removes the leases that ended before `now`, so that their deliveries can be claimed again.
    func endExpiredLeases(_ now: Instant) {
        guard now >= snapshot.leasesEndAfter else { return }
        var earliest = Instant.distantFuture
        for (delivery, lease) in leases {
            if lease.until <= now {
                rewind(to: lease)
                endLease(delivery)
            } else {
                earliest = min(earliest, lease.until)
            }
        }
        snapshot.leasesEndAfter = earliest
    }

    /// Moves the cursor of a partition back, so that the next claim begins no later than at `key`.
    func rewind(to key: QueueKey, partition: Int) {
        let before = QueueKey(dueAt: key.dueAt, delivery: key.delivery - 1)
        if before < snapshot.cursors[partition] { snapshot.cursors[partition] = before }
    }

    /// Moves a cursor back, so that what a lease was for can be claimed again.
    func rewind(to lease: Lease) {
        if lease.section == 0 { return rewind(to: lease.key, partition: lease.partition) }
        let before = QueueKey(dueAt: lease.key.dueAt, delivery: lease.key.delivery - 1)
        if let cursor = snapshot.freed[lease.section]?[lease.partition] {
            snapshot.freed[lease.section]?[lease.partition] = min(cursor, before)
        } else {
            // A pause holds it, and it was offered because its message expires.
            snapshot.nextWakeAt = .distantPast
        }
    }

    func insertOpen(_ attempt: OpenAttempt) {
        open.insert(attempt)
        undo.append(.opened(attempt.id))
    }

    func removeOpen(_ id: Int64) {
        if let attempt = open.remove(id) { undo.append(.closed(attempt)) }
    }

    /// Adds a committed contact to the pending index rows and to the cached ledgers. `holders` are the other profiles for
    /// which it counts.
    func addContact(_ entry: LedgerEntry, holders: [KeyHash]) {
        addContact(entry, to: entry.recipient, of: entry.recipient)
        for holder in holders { addContact(entry, to: holder, of: holder) }
        if entry.address != entry.recipient { addContact(entry, to: entry.address, of: entry.recipient) }
        ledgers.add(entry, holders: holders)
    }

    private func addContact(_ entry: LedgerEntry, to subject: KeyHash, of person: KeyHash) {
        pendingIndexRows.add(
            ContactRow(
                subject: subject.stored, person: person.stored,
                committedAt: (entry.committedAt ?? entry.reservedAt).milliseconds, attempt: entry.id,
                sequence: snapshot.nextSequence))
        undo.append(.contact(subject.stored))
    }

    func addKey(_ hash: Int64, of message: MessageID) {
        pendingIndexRows.add(key: MessageRow(key: hash, message: message.rawValue))
        undo.append(.key(hash))
    }

    func addMessage(_ message: MessageID, of person: KeyHash) {
        pendingIndexRows.peopleQueue.append(MessageRow(key: person.stored, message: message.rawValue))
        undo.append(.person)
    }

    func count(_ state: DeliveryState, _ change: Int64) { snapshot.tally[Int(state.rawValue)] += change }

    // MARK: Statements

    /// Returns a statement that is not on the hot path. It is prepared at its first use.
    func cold(_ text: String) throws(StoreError) -> Statement {
        if let statement = coldStatements[text] { return statement }
        let statement = try Statement(text, on: connection)
        coldStatements[text] = statement
        return statement
    }
}
