import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of a message.
enum MessageRow {
    static let list = """
        id, accepted_at, recipient, template, campaign, journey, category, topic, tags, channels, route, priority, \
        send_at, expires_at, dedup_key, options, data
        """

    /// The same columns, beside those of other tables.
    static let qualified = list.split(separator: ", ").map { "message.\($0)" }.joined(separator: ", ")

    /// - Parameters:
    ///   - row: a row with the columns of ``list``.
    ///   - first: the place of the first of them.
    /// - Returns: the message, without the bytes of its files.
    /// - Throws: `StoreError` for a value that this program does not know, or `PostgresError`.
    static func read(_ row: ResultRow, from first: Int = 0) throws -> Message {
        let id = try row.int(first)
        var draft = MessageDraft(
            recipient: try row.text(first + 2), template: try row.text(first + 3),
            campaign: try row.optionalText(first + 4),
            journey: try row.optionalText(first + 5), category: try row.text(first + 6),
            topic: try row.optionalText(first + 7),
            tags: try row.optionalText(first + 8).map { TextList.texts(Array($0.utf8)) } ?? [],
            channels: try channels(row.bytes(first + 9), of: id),
            route: try row.value(first + 10, in: "message.route", of: id),
            priority: try row.value(first + 11, in: "message.priority", of: id), sendAt: try row.instant(first + 12),
            expiresAt: try row.instant(first + 13), dedupKey: try row.optionalText(first + 14),
            data: try row.bytes(first + 16))
        if let options = try row.optionalText(first + 15) { MessageOptions.read(Array(options.utf8), into: &draft) }
        return Message(
            id: MessageID(rawValue: id), acceptedAt: Instant(milliseconds: try row.int(first + 1)), draft: draft)
    }

    static func channels(_ bytes: [UInt8], of id: Int64) throws(StoreError) -> [Channel] {
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

extension ResultRow {
    func instant(_ column: Int) throws(PostgresError) -> Instant? {
        try optionalInt(column).map { Instant(milliseconds: $0) }
    }

    /// Reads a column whose number represents a value. An unknown number is an error, because reading it as another
    /// value could send a message to the wrong place.
    func value<Value: RawRepresentable<UInt8>>(
        _ column: Int, in place: StaticString, of id: @autoclosure () -> Int64
    ) throws -> Value {
        let number = try int(column)
        guard let raw = UInt8(exactly: number), let value = Value(rawValue: raw) else {
            throw StoreError.unreadable("\(number)", in: place, of: id())
        }
        return value
    }
}

extension StoreError {
    /// The error for an unknown value: what was found, where, and what to do about it.
    static func unreadable(_ what: String, in place: StaticString, of id: Int64) -> StoreError {
        StoreError(
            .incompatible,
            "The database holds \(what) in \(place) of row \(id), which this program does not know. Use a newer Sobre.")
    }
}
