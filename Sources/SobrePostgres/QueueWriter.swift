import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Collects what a transaction under bucket locks writes about deliveries, and sends it in a few statements.
struct QueueWriter {
    private var taken: [QueueItem] = []
    private var added: [QueueItem] = []
    private var entries: [(entry: LogEntry, attempt: Int64?, campaign: KeyHash)] = []
    private var repeated: [(entry: LogEntry, dueAt: Instant?)] = []

    private var left: [(entry: LogEntry, campaign: KeyHash)] = []

    mutating func take(_ item: QueueItem) { taken.append(item) }
    mutating func add(_ item: QueueItem) { added.append(item) }

    /// Appends an entry, whose sequence is its number in the log.
    mutating func log(_ entry: LogEntry, of campaign: KeyHash, attempt: Int64? = nil) {
        entries.append((entry, attempt, campaign))
    }

    /// Moves the due time of an entry that would be repeated.
    mutating func extend(_ entry: LogEntry, to dueAt: Instant?) { repeated.append((entry, dueAt)) }

    /// Takes a delivery out of the state in which it ended.
    ///
    /// - Parameters:
    ///   - last: the newest entry of its log.
    ///   - campaign: that of its message.
    mutating func leave(_ last: LogEntry, of campaign: KeyHash) { left.append((last, campaign)) }

    private static let delete = PreparedStatement(
        "queue_take",
        """
        DELETE FROM queue USING unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[])
            AS t(b, s, c, r, d, i)
        WHERE bucket = b AND section = s AND channel = c AND rank = r AND due_at = d AND delivery = i
        """)
    private static let insert = PreparedStatement(
        "queue_add",
        """
        INSERT INTO queue (bucket, section, channel, rank, due_at, delivery, person, state, attempts, flags, wake_at,
            campaign, reason, since)
        SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::int8[],
            $8::int8[], $9::int8[], $10::int8[], $11::int8[], $12::int8[], $13::text[], $14::int8[])
        """)
    private static let insertLog = PreparedStatement(
        "queue_log",
        """
        INSERT INTO log (id, bucket, delivery, at, state, reason, number, channel, provider, provider_id, detail, due_at,
            possible_duplicate, policy_version, template_version, explanation, attempt)
        SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::text[], $7::int8[],
            $8::int8[], $9::text[], $10::text[], $11::text[], $12::int8[], $13::bool[], $14::int8[], $15::text[],
            $16::bytea[], $17::int8[])
        """)
    private static let extendEntry = PreparedStatement(
        "queue_log_extend", "UPDATE log SET due_at = $4 WHERE bucket = $1 AND at = $2 AND id = $3")
    private static let insertUnsent = PreparedStatement(
        "queue_unsent",
        """
        INSERT INTO unsent (bucket, state, campaign, reason, channel, since, delivery)
        SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::int8[])
        ON CONFLICT DO NOTHING
        """)
    private static let deleteUnsent = PreparedStatement(
        "queue_unsent_leave",
        """
        DELETE FROM unsent WHERE bucket = $1 AND state = $2 AND campaign = $3 AND reason = $4 AND channel = $5
            AND since = $6 AND delivery = $7
        """)
    private static let count = PreparedStatement(
        "queue_tally",
        """
        INSERT INTO tally SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[])
        ON CONFLICT (bucket, state) DO UPDATE SET deliveries = tally.deliveries + excluded.deliveries
        """)

    /// Sends everything. The results are read with the next sync.
    func send(_ connection: PostgresConnection) throws(PostgresError) {
        try sendQueue(connection)
        try sendLog(connection)
        for (last, campaign) in left where last.state.isUnsent {
            try connection.send(
                Self.deleteUnsent, Bucket.of(last.delivery.message), Int64(last.state.rawValue), campaign.stored,
                last.reason, Int64(last.channel?.rawValue ?? 0), last.at.milliseconds, last.delivery.rawValue)
        }
        let unsent = entries.filter { $0.entry.state.isUnsent }
        if !unsent.isEmpty {
            try connection.send(
                Self.insertUnsent, unsent.map { Bucket.of($0.entry.delivery.message) },
                unsent.map { Int64($0.entry.state.rawValue) }, unsent.map(\.campaign.stored),
                unsent.map(\.entry.reason), unsent.map { Int64($0.entry.channel?.rawValue ?? 0) },
                unsent.map(\.entry.at.milliseconds), unsent.map(\.entry.delivery.rawValue))
        }
        try sendCounts(connection)
    }

    private func sendQueue(_ connection: PostgresConnection) throws(PostgresError) {
        if !taken.isEmpty {
            try connection.send(
                Self.delete, taken.map(\.bucket), taken.map(\.section), taken.map { Int64($0.channel.rawValue) },
                taken.map(\.rank), taken.map(\.dueAt.milliseconds), taken.map(\.delivery.rawValue))
        }
        if added.isEmpty { return }
        try connection.send(
            Self.insert, added.map(\.bucket), added.map(\.section), added.map { Int64($0.channel.rawValue) },
            added.map(\.rank), added.map(\.dueAt.milliseconds), added.map(\.delivery.rawValue),
            added.map(\.person.stored), added.map { Int64($0.state.rawValue) }, added.map(\.attempts),
            added.map(\.flags.rawValue), added.map { $0.wakeAt?.milliseconds }, added.map(\.campaign.stored),
            added.map(\.reason), added.map(\.since.milliseconds))
    }

    private func sendLog(_ connection: PostgresConnection) throws(PostgresError) {
        for (entry, dueAt) in repeated {
            try connection.send(
                Self.extendEntry, Bucket.of(entry.delivery.message), entry.at.milliseconds, entry.sequence,
                dueAt?.milliseconds)
        }
        if entries.isEmpty { return }
        let all = entries.map(\.entry)
        try connection.send(
            Self.insertLog, all.map(\.sequence), all.map { Bucket.of($0.delivery.message) },
            all.map(\.delivery.rawValue), all.map(\.at.milliseconds), all.map { Int64($0.state.rawValue) },
            all.map(\.reason), all.map(\.attempt), all.map { $0.channel.map { Int64($0.rawValue) } },
            all.map(\.provider), all.map(\.providerID), all.map(\.detail), all.map { $0.dueAt?.milliseconds },
            all.map(\.possibleDuplicate), all.map(\.policyVersion), all.map(\.templateVersion), all.map(\.explanation),
            entries.map(\.attempt))
    }

    /// Counts the deliveries that ended. The queue and the open attempts count the others.
    private func sendCounts(_ connection: PostgresConnection) throws(PostgresError) {
        struct Key: Hashable {
            var bucket: Int
            var state: Int64

            init(_ entry: LogEntry) {
                bucket = Bucket.of(entry.delivery.message)
                state = Int64(entry.state.rawValue)
            }
        }
        var counts: [Key: Int64] = [:]
        for (entry, _, _) in entries where entry.state.isFinal { counts[Key(entry), default: 0] += 1 }
        for (last, _) in left where last.state.isFinal { counts[Key(last), default: 0] -= 1 }
        if counts.isEmpty { return }
        let ordered = counts.sorted { ($0.key.bucket, $0.key.state) < ($1.key.bucket, $1.key.state) }
        try connection.send(Self.count, ordered.map(\.key.bucket), ordered.map(\.key.state), ordered.map(\.value))
    }
}
