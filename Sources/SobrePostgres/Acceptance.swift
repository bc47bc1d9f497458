import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// A batch of submissions with what became of each, before it is written.
struct Acceptance: Sendable {
    /// A key of a submission that is accepted.
    struct Key: Sendable {
        var hash: Int64
        var text: String
        var requestHash: KeyHash
        var message: MessageID
    }

    private(set) var results: [SubmissionResult] = []
    private(set) var messages: [Message] = []
    private(set) var keys: [Key] = []
    /// Of each message, the sender's key and the hash of the request.
    private(set) var submissions: [(key: (text: String, hash: Int64)?, requestHash: KeyHash)] = []

    /// Judges each submission by the keys that are known, in order.
    ///
    /// - Parameters:
    ///   - all: what was submitted.
    ///   - known: the keys in the database whose hashes are among theirs.
    ///   - now: when the messages are accepted.
    ///   - makeID: makes the ID of a message from its bucket.
    init(_ all: [Submission], known: [Key], now: Instant, makeID: (_ bucket: Int) -> MessageID) {
        for submission in all {
            let hash = submission.idempotencyKey.map { KeyHash($0).stored }
            if let text = submission.idempotencyKey, let hash,
                let earlier = Self.find(text, hash, in: keys) ?? Self.find(text, hash, in: known)
            {
                let isSame = earlier.requestHash == submission.requestHash
                results.append(isSame ? .replayed(earlier.message) : .conflict(earlier.message))
                continue
            }
            let bucket = Bucket.of(.recipient(submission.draft.recipient))
            let message = submission.message(id: makeID(bucket), acceptedAt: now)
            results.append(.accepted(message.id))
            messages.append(message)
            var key: (text: String, hash: Int64)?
            if let text = submission.idempotencyKey, let hash {
                key = (text, hash)
                keys.append(
                    Key(hash: hash, text: text, requestHash: submission.requestHash, message: message.id))
            }
            submissions.append((key, submission.requestHash))
        }
    }

    /// Of an erased recipient's message the hash of the key alone is left.
    private static func find(_ text: String, _ hash: Int64, in keys: [Key]) -> Key? {
        keys.first { $0.hash == hash && ($0.text == text || $0.text.isEmpty) }
    }
}

extension Acceptance {
    private static let insertKeys = PreparedStatement(
        "accept_keys",
        """
        INSERT INTO idempotency SELECT * FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[])
        ON CONFLICT DO NOTHING
        """)
    private static let insertMessages = PreparedStatement(
        "accept_messages",
        """
        INSERT INTO message (bucket, id, accepted_at, recipient, recipient_key, template, campaign, journey, category,
            topic, tags, channels, route, priority, send_at, expires_at, dedup_key, idempotency_key, idempotency_hash,
            request_hash, options, data)
        SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[], $13::int8[], $14::int8[], $15::int8[],
            $16::int8[], $17::text[], $18::text[], $19::int8[], $20::int8[], $21::text[], $22::bytea[])
        """)
    private static let insertQueue = PreparedStatement(
        "accept_queue",
        """
        INSERT INTO queue (bucket, section, channel, rank, due_at, delivery, person, state, attempts, flags, campaign,
            reason, since)
        SELECT b, 0, c, r, d, i, p, s, 0, 0, k, '', n FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[],
            $5::int8[], $6::int8[], $7::int8[], $8::int8[], $9::int8[]) AS t(b, c, r, d, i, p, s, k, n)
        """)
    private static let insertLog = PreparedStatement(
        "accept_log",
        """
        INSERT INTO log (bucket, at, delivery, state, reason, number, detail, due_at, possible_duplicate,
            policy_version, template_version)
        SELECT b, a, i, s, '', 0, '', d, false, 0, ''
        FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[]) WITH ORDINALITY AS t(b, a, i, s, d, o)
        ORDER BY o
        """)
    private static let insertFiles = PreparedStatement(
        "accept_files", "INSERT INTO attachment SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::bytea[])")

    /// Writes the keys, in one order for all writers, so that no two wait for each other.
    ///
    /// - Parameter connection: in a transaction.
    /// - Returns: false when another writer has written one of them meanwhile.
    /// - Throws: `PostgresError`.
    func writeKeys(_ connection: PostgresConnection) throws(PostgresError) -> Bool {
        if keys.isEmpty { return true }
        let sorted = keys.sorted { ($0.hash, $0.text) < ($1.hash, $1.text) }
        let inserted = try connection.query(
            Self.insertKeys, sorted.map(\.hash), sorted.map(\.text), sorted.map(\.requestHash.stored),
            sorted.map(\.message.rawValue))
        return inserted.affectedRows == sorted.count
    }

    /// Sends the messages with their files, deliveries and first log entries.
    ///
    /// - Parameter connection: in a transaction.
    /// - Throws: `PostgresError`.
    func sendMessages(_ connection: PostgresConnection) throws(PostgresError) {
        let drafts = messages.map(\.draft)
        let people = drafts.map { KeyHash.recipient($0.recipient) }
        try connection.send(
            Self.insertMessages, people.map { Bucket.of($0) }, messages.map(\.id.rawValue),
            messages.map(\.acceptedAt.milliseconds), drafts.map(\.recipient), people.map(\.stored),
            drafts.map(\.template), drafts.map(\.campaign), drafts.map(\.journey), drafts.map(\.category),
            drafts.map(\.topic), drafts.map { $0.tags.isEmpty ? nil : TextList.text($0.tags) },
            drafts.map { $0.channels.map(\.rawValue) }, drafts.map { Int64($0.route.rawValue) },
            drafts.map { Int64($0.priority.rawValue) }, drafts.map { $0.sendAt?.milliseconds },
            drafts.map { $0.expiresAt?.milliseconds }, drafts.map(\.dedupKey), submissions.map { $0.key?.text },
            submissions.map { $0.key?.hash }, submissions.map(\.requestHash.stored),
            drafts.map { MessageOptions.text($0) }, drafts.map(\.data))
        try sendDeliveries(connection)
        try sendFiles(connection)
    }

    private func sendDeliveries(_ connection: PostgresConnection) throws(PostgresError) {
        var entries: [LogEntry] = []
        var owners: [Message] = []
        for message in messages {
            for delivery in message.deliveries {
                entries.append(
                    .accepted(
                        delivery, acceptedAt: message.acceptedAt, sendAt: message.draft.sendAt,
                        route: message.draft.route))
                owners.append(message)
            }
        }
        let buckets = entries.map { Bucket.of($0.delivery.message) }
        let dueAt = entries.map { ($0.dueAt ?? $0.at).milliseconds }
        try connection.send(
            Self.insertQueue, buckets,
            zip(entries, owners).map { Int64($1.draft.channels[$0.delivery.slot].rawValue) },
            owners.map { Int64(Priority.critical.rawValue) - Int64($0.draft.priority.rawValue) }, dueAt,
            entries.map(\.delivery.rawValue), owners.map { KeyHash.recipient($0.draft.recipient).stored },
            entries.map { Int64($0.state.rawValue) },
            owners.map { $0.draft.campaign.map { KeyHash($0).stored } ?? KeyHash.none.stored },
            entries.map(\.at.milliseconds))
        try connection.send(
            Self.insertLog, buckets, entries.map(\.at.milliseconds), entries.map(\.delivery.rawValue),
            entries.map { Int64($0.state.rawValue) }, dueAt)
    }

    private func sendFiles(_ connection: PostgresConnection) throws(PostgresError) {
        let files = messages.flatMap { message in
            message.draft.attachments.enumerated().map { (message.id, $0.offset, $0.element.content) }
        }
        if files.isEmpty { return }
        try connection.send(
            Self.insertFiles, files.map { Bucket.of($0.0) }, files.map(\.0.rawValue), files.map { Int64($0.1) },
            files.map(\.2))
    }
}
