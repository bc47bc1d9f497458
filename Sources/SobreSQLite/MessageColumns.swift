import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of a message.
enum MessageColumns {
    static let list = """
        message.id, message.accepted_at, message.recipient, message.template, message.campaign, message.journey, \
        message.category, message.topic, message.tags, message.channels, message.route, message.priority, \
        message.send_at, message.expires_at, message.dedup_key, message.options, message.data
        """

    static func read(_ row: Statement, from first: Int32 = 0) throws(StoreError) -> Message {
        let id = row.int(first)
        var draft = MessageDraft(
            recipient: row.string(first + 2), template: row.string(first + 3), campaign: row.optionalString(first + 4),
            journey: row.optionalString(first + 5), category: row.string(first + 6),
            topic: row.optionalString(first + 7),
            tags: row.isNull(first + 8) ? [] : TextList.texts(row.bytes(first + 8)),
            channels: try channels(row, first + 9, of: id),
            route: try row.value(first + 10, in: "message.route", of: id),
            priority: try row.value(first + 11, in: "message.priority", of: id),
            sendAt: row.instant(first + 12),
            expiresAt: row.instant(first + 13), dedupKey: row.optionalString(first + 14), data: row.bytes(first + 16))
        if !row.isNull(first + 15) { MessageOptions.read(row.bytes(first + 15), into: &draft) }
        return Message(
            id: MessageID(rawValue: id), acceptedAt: Instant(milliseconds: row.int(first + 1)), draft: draft
        )
    }

    static func bind(
        _ message: Message, person: KeyHash, key: (text: String, hash: Int64)?, requestHash: KeyHash,
        firstSequence: Int64, to row: Statement
    ) {
        let draft = message.draft
        row.bind(1, message.id.rawValue).bind(2, message.acceptedAt).bind(3, draft.recipient).bind(4, person)
            .bind(5, draft.template).bind(6, draft.campaign).bind(7, draft.journey).bind(8, draft.category)
            .bind(9, draft.topic).bind(10, draft.tags.isEmpty ? nil : TextList.text(draft.tags))
            .bind(11, draft.channels.map(\.rawValue)).bind(12, Int64(draft.route.rawValue))
            .bind(13, Int64(draft.priority.rawValue)).bind(14, draft.sendAt).bind(15, draft.expiresAt)
            .bind(16, draft.dedupKey).bind(17, key?.text).bind(18, key?.hash).bind(19, requestHash)
            .bind(20, Int64?.none).bind(21, draft.data).bind(22, MessageOptions.text(draft))
            .bind(23, firstSequence)
    }

    /// The channels in order, one byte each.
    ///
    /// - Throws: `StoreError` with code `incompatible` for an unknown channel and for an empty list.
    static func channels(_ row: Statement, _ column: Int32, of id: Int64) throws(StoreError) -> [Channel] {
        let bytes = row.bytes(column)
        if bytes.isEmpty { throw .unreadable("no channel", in: "message.channels", of: id) }
        var channels: [Channel] = []
        channels.reserveCapacity(bytes.count)
        for byte in bytes {
            guard let channel = Channel(rawValue: byte) else {
                throw .unreadable("channel \(byte)", in: "message.channels", of: id)
            }
            channels.append(channel)
        }
        return channels
    }
}
