import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Removes what identifies the recipient from messages, their log and their receipts. What became of them stays.
extension PeopleTransaction {
    /// One batch of an erasure.
    struct ErasedMessages: Sendable {
        /// The last message of the batch; nil at the end.
        var last: Int64?
        var messages = 0
        /// The number of deliveries that waited.
        var cancelled = 0
    }

    private static let page = PreparedStatement(
        "erase_page",
        """
        SELECT \(MessageRow.list) FROM message WHERE bucket = ANY($1) AND recipient_key = ANY($2) AND id > $3
        ORDER BY id LIMIT $4
        """)
    private static let moveUnsent = PreparedStatement(
        "erase_unsent_campaign",
        "UPDATE unsent SET campaign = $4 WHERE bucket = $1 AND delivery BETWEEN $2 AND $3")
    private static let fields = PreparedStatement(
        "erase_fields",
        """
        UPDATE message SET recipient = '', data = '{}', dedup_key = NULL,
            idempotency_key = CASE WHEN idempotency_key IS NULL THEN NULL ELSE '' END,
            campaign = $3, journey = $4, topic = $5, tags = $6, options = $7
        WHERE bucket = $1 AND id = $2
        """)
    /// The hash of a key stays, so that a repeated request is still recognised.
    private static let key = PreparedStatement(
        "erase_key",
        """
        WITH gone AS (DELETE FROM idempotency WHERE message = $1 AND key <> '' RETURNING hash, request_hash, message)
        INSERT INTO idempotency SELECT hash, '', request_hash, message FROM gone ON CONFLICT DO NOTHING
        """)
    private static let files = PreparedStatement(
        "erase_files", "DELETE FROM attachment WHERE bucket = $1 AND message = $2")
    private static let summaries = PreparedStatement(
        "erase_summaries",
        """
        UPDATE attempt SET summary = NULL WHERE bucket = $1 AND delivery BETWEEN $2 AND $3 AND summary IS NOT NULL
        """)
    private static let receipts = PreparedStatement(
        "erase_receipts",
        "UPDATE receipt SET detail = '', note = '' WHERE bucket = $1 AND delivery BETWEEN $2 AND $3")
    private static let events = PreparedStatement(
        "erase_events", "UPDATE delivery_event SET detail = '' WHERE bucket = $1 AND delivery BETWEEN $2 AND $3")
    private static let polls = PreparedStatement(
        "erase_polls", "DELETE FROM poll WHERE bucket = $1 AND delivery BETWEEN $2 AND $3")
    private static let entries = PreparedStatement(
        "erase_entries",
        """
        SELECT id, at, reason, provider_id, detail, explanation FROM log
        WHERE bucket = $1 AND delivery BETWEEN $2 AND $3
        """)
    private static let entry = PreparedStatement(
        "erase_entry",
        "UPDATE log SET provider_id = $4, detail = $5, explanation = $6 WHERE bucket = $1 AND at = $2 AND id = $3")

    /// A further step: deletes the data of a batch of messages and cancels their waiting deliveries.
    func eraseMessages(of names: [KeyHash], _ words: ErasedWords, after: Int64, limit: Int) throws -> ErasedMessages {
        let rows = try connection.query(Self.page, names.buckets, names.map(\.stored), after, limit)
        let messages = try rows.map { try MessageRow.read($0) }
        var done = ErasedMessages(last: messages.count < limit ? nil : messages.last?.id.rawValue)
        done.messages = messages.count
        for message in messages {
            done.cancelled += try cancel(message)
            try erase(message, words)
        }
        note(messages.map { KeyHash.message($0.id) })
        return done
    }

    /// Cancels waiting deliveries and keeps those in flight from being retried.
    ///
    /// - Returns: how many deliveries waited.
    private func cancel(_ message: Message) throws -> Int {
        let deliveries = message.deliveries
        let numbers = try connection.query(QueueTransaction.drawNumbers, deliveries.count).map { try $0.int(0) }
        let queue = QueueTransaction(connection, now: now, numbers: numbers)
        var (waited, inFlight) = (0, 0)
        for delivery in deliveries {
            guard let last = try queue.lastEntry(of: delivery) else { continue }
            if last.state == .attempting { inFlight += 1 }
            if try queue.endWaiting(last, of: message, .cancelled) != nil { waited += 1 }
        }
        if waited + inFlight > 0 { try queue.markCancelled(message.id) }
        try queue.writer.send(connection)
        return waited
    }

    /// Removes what identifies the recipient from one message.
    func erase(_ message: Message, _ words: ErasedWords) throws {
        let (bucket, first, last) = Self.range(message.id)
        try eraseFields(of: message, words)
        try connection.send(Self.key, first)
        try connection.send(Self.files, bucket, first)
        try connection.send(Self.summaries, bucket, first, last)
        try connection.send(Self.receipts, bucket, first, last)
        try connection.send(Self.events, bucket, first, last)
        try connection.send(Self.polls, bucket, first, last)
        for row in try connection.query(Self.entries, bucket, first, last) {
            let explanation = try row.optionalBytes(5)
            // Of texts, only those of a decision are kept, without the recipient. Others may repeat words of the message
            // or of a provider's answer.
            let isKept = try explanation != nil && row.text(2) != DropReason.suppressed.rawValue
            try connection.send(
                Self.entry, bucket, try row.int(1), try row.int(0),
                try row.optionalText(3).map { words.removed(from: $0) },
                isKept ? words.removed(from: try row.text(4)) : "",
                explanation.map { words.removed(fromJSON: $0, droppingNames: true) })
        }
    }

    private func eraseFields(of message: Message, _ words: ErasedWords) throws {
        let (bucket, first, last) = Self.range(message.id)
        let draft = message.draft
        let campaign = draft.campaign.map { words.removed(from: $0) }
        let options = MessageOptions.text(draft).map { MessageOptions.erased(Array($0.utf8)) }
        let documents = [draft.tags.isEmpty ? nil : TextList.text(draft.tags), options].map { text in
            text.map { text in
                String(decoding: words.removed(fromJSON: Array(text.utf8), droppingNames: false), as: UTF8.self)
            }
        }
        if campaign != draft.campaign {
            let key = campaign.map { KeyHash($0) } ?? .none
            try connection.send(Self.moveUnsent, bucket, first, last, key.stored)
        }
        try connection.send(
            Self.fields, bucket, first, campaign, draft.journey.map { words.removed(from: $0) },
            draft.topic.map { words.removed(from: $0) }, documents[0], documents[1])
    }

    /// The bucket of a message, and its first and last possible delivery. The first has the number of the message.
    private static func range(_ id: MessageID) -> (bucket: Int, first: Int64, last: Int64) {
        (Bucket.of(id), id.rawValue, id.rawValue | DeliveryID.slotMask)
    }
}
