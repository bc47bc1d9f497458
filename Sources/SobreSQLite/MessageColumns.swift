import JSON
import SobreModel
import SobreStore

/// How a message stands in its row.
enum MessageColumns {
    static let list = """
        message.id, message.accepted_at, message.recipient, message.template, message.campaign, message.journey, \
        message.category, message.topic, message.tags, message.channels, message.route, message.priority, \
        message.send_at, message.expires_at, message.dedup_key, message.options, message.data
        """

    static func read(_ row: Statement, from first: Int32 = 0) -> Message {
        var draft = MessageDraft(
            recipient: row.string(first + 2), template: row.string(first + 3), campaign: row.optionalString(first + 4),
            journey: row.optionalString(first + 5), category: row.string(first + 6),
            topic: row.optionalString(first + 7), tags: row.isNull(first + 8) ? [] : texts(row.bytes(first + 8)),
            channels: channels(row.int(first + 9)),
            route: ChannelRoute(rawValue: UInt8(truncatingIfNeeded: row.int(first + 10))) ?? .first,
            priority: Priority(rawValue: UInt8(truncatingIfNeeded: row.int(first + 11))) ?? .normal,
            sendAt: row.instant(first + 12),
            expiresAt: row.instant(first + 13), dedupKey: row.optionalString(first + 14), data: row.bytes(first + 16))
        if !row.isNull(first + 15) { MessageOptions.read(row.bytes(first + 15), into: &draft) }
        return Message(
            id: MessageID(rawValue: row.int(first)), acceptedAt: Instant(milliseconds: row.int(first + 1)), draft: draft
        )
    }

    static func bind(
        _ message: Message, person: KeyHash, key: (text: String, hash: Int64)?, requestHash: KeyHash, to row: Statement
    ) {
        let draft = message.draft
        row.bind(1, message.id.rawValue).bind(2, message.acceptedAt).bind(3, draft.recipient).bind(4, person)
            .bind(5, draft.template).bind(6, draft.campaign).bind(7, draft.journey).bind(8, draft.category)
            .bind(9, draft.topic).bind(10, draft.tags.isEmpty ? nil : text(draft.tags))
            .bind(11, number(draft.channels)).bind(12, Int64(draft.route.rawValue))
            .bind(13, Int64(draft.priority.rawValue)).bind(14, draft.sendAt).bind(15, draft.expiresAt)
            .bind(16, draft.dedupKey).bind(17, key?.text).bind(18, key?.hash).bind(19, requestHash)
            .bind(20, Int64?.none).bind(21, draft.data).bind(22, MessageOptions.text(draft))
    }

    /// The channels in order, two bits each from the lowest.
    static func number(_ channels: [Channel]) -> Int64 {
        var number: Int64 = 0
        for channel in channels.reversed() { number = number << 2 | Int64(channel.rawValue) }
        return number
    }

    static func channels(_ number: Int64) -> [Channel] {
        var rest = number
        var channels: [Channel] = []
        while rest > 0 {
            if let channel = Channel(rawValue: UInt8(rest & 3)) { channels.append(channel) }
            rest >>= 2
        }
        return channels
    }

    static func text(_ texts: [String]) -> String {
        var writer = JSONWriter()
        writer.value(texts)
        return writer.string
    }

    static func texts(_ json: [UInt8]) -> [String] {
        guard let document = try? JSONDocument.parse(json) else { return [] }
        return document.root.elements.compactMap(\.string)
    }
}
