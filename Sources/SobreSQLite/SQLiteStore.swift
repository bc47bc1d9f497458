import GRDB
import GRDBSQLite
public import SobreModel
public import SobreStore

/// The embedded store: one SQLite file in a directory that one process owns.
///
/// Everything that was acknowledged survives a crash and a power cut (`synchronous = FULL`, verified at the start). The
/// writes of many callers share transactions on one thread. The history is read through a second connection.
public final class SQLiteStore: Sendable {
    let writer: Writer
    let reader: SQLiteReader
    public let incarnation: NodeIncarnation
    public let changes: RecentChanges
    public let pausesInForce: PausesInForce
    let counters: QueueCounters

    private init(
        writer: Writer, reader: SQLiteReader, incarnation: NodeIncarnation, changes: RecentChanges,
        pausesInForce: PausesInForce, counters: QueueCounters
    ) {
        self.incarnation = incarnation
        self.changes = changes
        self.pausesInForce = pausesInForce
        self.counters = counters
        self.writer = writer
        self.reader = reader
    }

    /// Opens the store in a directory and takes ownership of it. Creates the directory if it does not exist.
    ///
    /// Blocks while it checks and loads the data. Call it once, at the start of the program.
    ///
    /// - Parameters:
    ///   - directory: The directory with the store's files.
    ///   - time: The store's clock.
    ///   - configuration: The store's limits.
    /// - Returns: The store, which stays open until `close`.
    /// - Throws: `locked` when another process owns the directory, `incompatible` for files of other programs or newer
    ///   versions, `corrupt` for damaged files, `io` when the directory cannot be used.
    public static func open(
        directory: String, time: any TimeSource = SystemTime(), configuration: SQLiteConfiguration = .init()
    ) throws(StoreError) -> SQLiteStore {
        try DataDirectory.make(directory)
        let lock = try OwnerLock(directory: directory)
        let path = directory + "/" + DataDirectory.fileName
        let (queue, core) = try StoreOpening.open(path: path, time: time, configuration: configuration)
        let (incarnation, changes, pauses, counters) =
            (core.incarnation, core.changes, core.pausesInForce, core.counters)
        // Must be opened after the writer, which creates and converts the file.
        let reader = try SQLiteReader(path: path, configuration: configuration)
        let writer = Writer(queue: queue, core: core, configuration: configuration, lock: lock)
        return SQLiteStore(
            writer: writer, reader: reader, incarnation: incarnation, changes: changes, pausesInForce: pauses,
            counters: counters)
    }

    /// Opens the file for reading committed data, whether or not another process owns it.
    public static func openReadOnly(
        directory: String, configuration: SQLiteConfiguration = .init()
    ) throws(StoreError) -> SQLiteReader {
        try SQLiteReader(path: directory + "/" + DataDirectory.fileName, configuration: configuration)
    }

    /// The number of bytes that can still be written in a data directory. Nil when the system does not report it.
    public static func room(in directory: String) -> Int? { DataDirectory.room(beside: directory) }

    /// Wakes the callers that wait for work. Needed after a manual clock was moved.
    public func poke() async {
        _ = try? await writer.perform(.reads) { (core) throws(StoreError) in core.poke() }
    }
}

extension SQLiteStore: MessageStore {
    public func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult] {
        for submission in submissions where submission.draft.channels.isEmpty {
            throw StoreError(
                .internal, "A message for template \(submission.draft.template) names no channel; name at least one.")
        }
        if submissions.isEmpty { return [] }
        let isUrgent = submissions.allSatisfy(\.draft.priority.isUrgent)
        return try await writer.perform(isUrgent: isUrgent) { core throws(StoreError) in
            try core.enqueue(submissions)
        }
    }

    public func message(_ id: MessageID) async throws(StoreError) -> Message? { try await reader.message(id) }

    public func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in try core.cancel(id, by: author) }
    }

    public func retry(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in try core.retry(id, by: author) }
    }
}

extension SQLiteStore: QueueStore {
    public func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        try await writer.perform(.reads, isUrgent: least.isUrgent) { core throws(StoreError) in
            try core.claim(limit: limit, lease: lease, channels: channels, least: least)
        }
    }

    public func giveBack(_ claims: [Claim]) async {
        // When the writer's inbox is full, the leases simply expire.
        _ = try? await writer.perform(.reads) { (core) throws(StoreError) in core.giveBack(claims) }
    }

    public func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        if requests.isEmpty { return [] }
        let isUrgent = requests.allSatisfy(\.message.draft.priority.isUrgent)
        return try await writer.perform(isUrgent: isUrgent) { core throws(StoreError) in
            try core.admit(
                requests, policyVersion: policyVersion, horizon: horizon, attemptTimeout: attemptTimeout, decide)
        }
    }

    @discardableResult
    public func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool] {
        if transitions.isEmpty { return [] }
        return try await writer.perform { core throws(StoreError) in try core.settle(transitions) }
    }

    @discardableResult
    public func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] {
        if outcomes.isEmpty { return [] }
        return try await writer.perform { core throws(StoreError) in try core.record(outcomes) }
    }

    public func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await writer.perform(.reads) { core throws(StoreError) in try core.overdueAttempts(limit: limit) }
    }

    public func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        try await reader.attachments(of: message)
    }

    public func nextDueAt() async throws(StoreError) -> Instant? {
        try await writer.perform(.reads) { core throws(StoreError) in
            core.endExpiredLeases(core.now())
            return try core.nextDueAt()
        }
    }

    public func waitForWork(atMost: Duration, least: Priority) async {
        await writer.waitForWork(atMost: atMost, least: least)
    }

    public func depth() async throws(StoreError) -> QueueDepth {
        try await writer.perform(.reads) { (core) throws(StoreError) in core.depth() }
    }
}

extension SQLiteStore: LogStore {
    public func log(_ query: LogQuery) async throws(StoreError) -> LogPage { try await reader.log(query) }

    public func history(of message: MessageID) async throws(StoreError) -> [LogEntry] {
        try await reader.history(of: message)
    }

    public func timeline(
        recipient: String, before message: MessageID?, limit: Int
    ) async throws(StoreError) -> [TimelineItem] {
        try await reader.timeline(recipient: recipient, before: message, limit: limit)
    }

    public func totals() async throws(StoreError) -> [DeliveryState: Int] { try await reader.totals() }
}

extension SQLiteStore: AdministrationStore {
    public func register(policy text: String) async throws(StoreError) -> Int {
        let author = Author.current ?? .policyFile
        return try await writer.perform { core throws(StoreError) in try core.register(policy: text, by: author) }
    }

    public func policy(version: Int) async throws(StoreError) -> String? { try await reader.policy(version: version) }

    public func add(key: APIKeyRecord) async throws(StoreError) {
        let author = Author.current
        try await writer.perform { core throws(StoreError) in try core.add(key: key, by: author) }
    }

    public func keys() async throws(StoreError) -> [APIKeyRecord] { try await reader.keys() }

    public func revoke(key id: String) async throws(StoreError) -> Bool {
        let author = Author.current
        return try await writer.perform { core throws(StoreError) in try core.revoke(key: id, by: author) }
    }

    public func prune(
        messagesBefore: Instant, ledgerBefore: Instant, idempotencyBefore: Instant, limit: Int
    ) async throws(StoreError) -> Int {
        if limit <= 0 { return 0 }
        return try await writer.perform { core throws(StoreError) in
            try core.prune(
                messagesBefore: messagesBefore, ledgerBefore: ledgerBefore, idempotencyBefore: idempotencyBefore,
                limit: limit)
        }
    }

    public func checkWritable() async throws(StoreError) {
        try await writer.perform { core throws(StoreError) in try core.checkWritable() }
    }

    public func close() async {
        await reader.close()
        _ = try? await writer.perform(.closes) { (_) throws(StoreError) in }
    }
}
