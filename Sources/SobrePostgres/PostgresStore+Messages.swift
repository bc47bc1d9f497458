import Postgres
public import SobreModel
public import SobreStore
import Synchronization

extension PostgresStore {
    private static let findKeys = PreparedStatement(
        "accept_find", "SELECT hash, key, request_hash, message FROM idempotency WHERE hash = ANY($1)")
    private static let countMessages = PreparedStatement(
        "accept_count", "SELECT count(*) FROM message WHERE bucket = ANY($1) AND id = ANY($2)")
    private static let oneMessage = PreparedStatement(
        "message_one", "SELECT \(MessageRow.list) FROM message WHERE bucket = $1 AND id = $2")
    private static let files = PreparedStatement(
        "message_files", "SELECT content FROM attachment WHERE bucket = $1 AND message = $2 ORDER BY number")

    /// What became of one attempt to write a batch.
    private enum Attempt: Sendable {
        case done([SubmissionResult])
        /// Nothing was written: another writer was faster, or an ID was taken.
        case again(PostgresError?)
        /// Everything was written, or nothing.
        case unknown(Acceptance, PostgresError)
    }

    /// Stores messages with their deliveries; see ``SobreStore/MessageStore/enqueue(_:)``.
    ///
    /// When the answer to COMMIT is lost, the same rows are written again over a new connection. That waits for the
    /// first transaction to end, and conflicts with it if it was committed.
    ///
    /// - Parameter submissions: the batch.
    /// - Returns: the results, in their order.
    /// - Throws: `StoreError` when nothing was written. With the code `io` it may have been.
    public func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult] {
        try Self.check(submissions)
        if submissions.isEmpty { return [] }
        let isUrgent = submissions.allSatisfy(\.draft.priority.isUrgent)
        var earlier: Acceptance?
        var last: PostgresError?
        for _ in 0..<max(1, configuration.maxTries) {
            let repeated = earlier
            let attempt: Attempt
            do {
                attempt = try await pool.run(isUrgent: isUrgent) { connection in
                    if let repeated { return try self.repeatWriting(repeated, connection) }
                    return try self.write(submissions, connection)
                }
            } catch {
                throw .from(error)
            }
            switch attempt {
            case .done(let results):
                work.signal()
                return results
            case .again(let error): (earlier, last) = (nil, error)
            case .unknown(let acceptance, let error): (earlier, last) = (acceptance, error)
            }
        }
        if let last, earlier != nil { throw .unknownCommit(last) }
        throw StoreError(
            .overloaded, "Others use the same idempotency keys at the same time; try again shortly.",
            underlying: last.map { "PostgreSQL: \($0)" })
    }

    private func write(_ submissions: [Submission], _ connection: PostgresConnection) throws -> Attempt {
        var planned: Acceptance?
        let outcome = connection.transaction {
            let acceptance = try plan(submissions, connection)
            planned = acceptance
            try Self.send(acceptance, connection)
            return acceptance.results
        }
        return try Self.judge(outcome, planned)
    }

    /// Judges submissions by the keys that are known. Writes nothing.
    ///
    /// - Parameters:
    ///   - submissions: the batch.
    ///   - connection: in a transaction, with no result outstanding.
    /// - Returns: what is to be written.
    /// - Throws: `PostgresError`.
    func plan(_ submissions: [Submission], _ connection: PostgresConnection) throws -> Acceptance {
        let hashes = Set(submissions.compactMap { $0.idempotencyKey.map { KeyHash($0).stored } }).sorted()
        if !hashes.isEmpty { try connection.send(Self.findKeys, hashes) }
        let (now, results) = try clock.read(connection)
        let known = try results.first.map { try $0.map(Self.key) } ?? []
        return ids.withLock { ids in
            Acceptance(submissions, known: known, now: now) { ids.next(at: now, bucket: $0) }
        }
    }

    /// Sends what was planned, in the same transaction.
    ///
    /// - Throws: ``LostRace`` when another writer has written one of the keys since they were read, or `PostgresError`.
    static func send(_ acceptance: Acceptance, _ connection: PostgresConnection) throws {
        if acceptance.messages.isEmpty { return }
        guard try acceptance.writeKeys(connection) else { throw LostRace() }
        try acceptance.sendMessages(connection)
    }

    /// - Throws: `StoreError` when a message can never be delivered.
    static func check(_ submissions: [Submission]) throws(StoreError) {
        for submission in submissions where submission.draft.channels.isEmpty {
            throw StoreError(
                .internal, "A message for template \(submission.draft.template) names no channel; name at least one.")
        }
    }

    private static func judge(
        _ outcome: TransactionOutcome<[SubmissionResult]>, _ planned: Acceptance?
    ) throws -> Attempt {
        switch outcome {
        case .committed(let results): return .done(results)
        case .unknown(let error):
            guard let planned else { throw error }
            return .unknown(planned, error)
        case .rolledBack(let error):
            guard error.isLostRace else { throw error }
            return .again(error as? PostgresError)
        }
    }

    /// Writes a batch again whose first commit had no answer.
    private func repeatWriting(_ acceptance: Acceptance, _ connection: PostgresConnection) throws -> Attempt {
        let outcome = connection.transaction {
            try Self.send(acceptance, connection)
            return acceptance.results
        }
        let attempt = try Self.judge(outcome, acceptance)
        guard case .again(let error) = attempt else { return attempt }
        // A wait that was given up proves nothing: the first transaction may still be committed.
        if let error, error.isRetryable { return .unknown(acceptance, error) }
        // Somebody has written the keys or IDs, and has ended: the first transaction, or another writer.
        let buckets = Set(acceptance.messages.map { Bucket.of($0.id) }).sorted()
        let found = try connection.query(Self.countMessages, buckets, acceptance.messages.map(\.id.rawValue))
        return try found.first?.int(0) == Int64(acceptance.messages.count) ? .done(acceptance.results) : attempt
    }

    private static func key(_ row: ResultRow) throws(PostgresError) -> Acceptance.Key {
        Acceptance.Key(
            hash: try row.int(0), text: try row.text(1), requestHash: KeyHash(stored: try row.int(2)),
            message: MessageID(rawValue: try row.int(3)))
    }

    /// - Parameter id: a message's ID.
    /// - Returns: the message as it was accepted; nil when it does not exist or is no longer kept.
    /// - Throws: `StoreError` when it cannot be read.
    public func message(_ id: MessageID) async throws(StoreError) -> Message? {
        try await read { connection in try Self.message(id, connection) }
    }

    static func message(_ id: MessageID, _ connection: PostgresConnection) throws -> Message? {
        try connection.query(oneMessage, Bucket.of(id), id.rawValue).first.map { try MessageRow.read($0) }
    }

    /// The bytes of a message's files; see ``SobreStore/QueueStore/attachments(of:)``.
    ///
    /// - Parameter message: the message.
    /// - Returns: the files.
    /// - Throws: `StoreError` when they cannot be read.
    public func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        try await read { connection in
            try connection.query(Self.files, Bucket.of(message), message.rawValue).map { try $0.bytes(0) }
        }
    }
}
