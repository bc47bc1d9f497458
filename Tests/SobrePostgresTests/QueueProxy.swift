import Postgres
import SobreModel
import SobrePostgres
import SobreStore
import SobreStoreConformance

/// A store that keeps messages, their queue, recipients, pauses and policies in PostgreSQL, and everything else in
/// another store. The log is read here, with the columns that the checks look at.
struct QueueProxy: StoreProxy {
    /// Keeps recipients in the same PostgreSQL store, which it closes.
    let inner: any Store
    let queue: PostgresStore
    let url: String

    var incarnation: NodeIncarnation { queue.incarnation }
    var changes: RecentChanges { queue.changes }
    var pausesInForce: PausesInForce { queue.pausesInForce }

    func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        try await queue.claim(limit: limit, lease: lease, channels: channels, least: least)
    }

    func giveBack(_ claims: [Claim]) async { await queue.giveBack(claims) }

    func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        try await queue.admit(
            requests, policyVersion: policyVersion, horizon: horizon, attemptTimeout: attemptTimeout, deciding: decide)
    }

    func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool] {
        try await queue.settle(transitions)
    }

    func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] { try await queue.record(outcomes) }

    func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await queue.overdueAttempts(limit: limit)
    }

    func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        try await queue.attachments(of: message)
    }

    func nextDueAt() async throws(StoreError) -> Instant? { try await queue.nextDueAt() }
    func waitForWork(atMost: Duration, least: Priority) async {
        await queue.waitForWork(atMost: atMost, least: least)
    }
    func depth() async throws(StoreError) -> QueueDepth { try await queue.depth() }

    // MARK: Messages

    func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult] {
        try await queue.enqueue(submissions)
    }

    func message(_ id: MessageID) async throws(StoreError) -> Message? { try await queue.message(id) }

    func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        try await queue.cancel(id)
    }

    func retry(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        try await queue.retry(id)
    }

    func history(of message: MessageID) async throws(StoreError) -> [LogEntry] {
        try await rows(
            """
            SELECT id, delivery, at, state, reason, number, channel, provider, provider_id, detail, due_at,
                possible_duplicate, policy_version, template_version, explanation
            FROM log WHERE delivery BETWEEN $1 AND $2 ORDER BY id
            """, message.rawValue, message.rawValue | DeliveryID.slotMask
        ) { row in
            LogEntry(
                sequence: try row.int(0), delivery: DeliveryID(rawValue: try row.int(1)),
                at: Instant(milliseconds: try row.int(2)), state: DeliveryState(rawValue: UInt8(try row.int(3)))!,
                reason: try row.text(4), attempt: Int(try row.int(5)),
                channel: try row.optionalInt(6).flatMap { Channel(rawValue: UInt8($0)) },
                provider: try row.optionalText(7), providerID: try row.optionalText(8), detail: try row.text(9),
                dueAt: try row.optionalInt(10).map { Instant(milliseconds: $0) },
                possibleDuplicate: try row.bool(11), policyVersion: Int(try row.int(12)),
                templateVersion: try row.text(13), explanation: try row.optionalBytes(14))
        }
    }

    func totals() async throws(StoreError) -> [DeliveryState: Int] {
        let counts = try await rows(
            """
            SELECT state::int8, sum(n)::int8 FROM (
                SELECT state, deliveries AS n FROM tally WHERE bucket >= 0
                UNION ALL SELECT state, count(*) FROM queue GROUP BY state
                UNION ALL SELECT $1, count(*) FROM attempt WHERE attempt.state = $2) AS c
            GROUP BY state HAVING sum(n) > 0
            """, Int64(DeliveryState.attempting.rawValue), Int64(LedgerEntry.State.reserved.rawValue)
        ) { row in (DeliveryState(rawValue: UInt8(try row.int(0)))!, Int(try row.int(1))) }
        return Dictionary(uniqueKeysWithValues: counts)
    }

    private func rows<Value>(
        _ sql: String, _ first: Int64, _ second: Int64, _ read: (ResultRow) throws -> Value
    ) async throws(StoreError) -> [Value] {
        do {
            let connection = try PostgresConnection(
                PostgresConfiguration(url: url, applicationName: "tests", settings: ["search_path": "sobre"]))
            return try connection.query(PreparedStatement("rows", sql), first, second).map { try read($0) }
        } catch {
            throw StoreError(.internal, "\(error)")
        }
    }

    // MARK: Pauses, policies and erasure

    func erase(_ id: String) async throws(StoreError) -> Erasure? { try await queue.erase(id) }

    func pause(
        _ filter: DeliveryFilter, until: Instant?, reason: String, by: String
    ) async throws(StoreError) -> (pause: SendingPause, isNew: Bool)? {
        try await queue.pause(filter, until: until, reason: reason, by: by)
    }

    func resume(_ id: Int64) async throws(StoreError) -> SendingPause? { try await queue.resume(id) }
    func pauses(at now: Instant) async throws(StoreError) -> [PauseStatus] { try await queue.pauses(at: now) }

    func register(policy text: String) async throws(StoreError) -> Int { try await queue.register(policy: text) }
    func policy(version: Int) async throws(StoreError) -> String? { try await queue.policy(version: version) }
}
