public import SobreModel
public import SobreStore

extension SQLiteStore: InboundStore {
    public func keep(unmatched message: UnmatchedInboundMessage, atMost count: Int) async throws(StoreError) {
        try await writer.perform { core throws(StoreError) in try core.keep(unmatched: message, atMost: count) }
    }

    public func note(_ inbound: LastInbound) async throws(StoreError) {
        try await writer.perform { core throws(StoreError) in try core.note(inbound) }
    }

    public func unmatchedMessages(before place: Int64?, limit: Int) async throws(StoreError) -> UnmatchedPage {
        try await reader.unmatchedMessages(before: place, limit: limit)
    }

    public func lastInbound(after last: KeyHash?, limit: Int) async throws(StoreError) -> [LastInbound] {
        try await reader.lastInbound(after: last, limit: limit)
    }
}

extension Core {
    func note(_ inbound: LastInbound) throws(StoreError) {
        try cold(
            """
            INSERT INTO last_inbound VALUES (?, ?)
            ON CONFLICT (address) DO UPDATE SET at = excluded.at WHERE excluded.at > at
            """
        ).bind(1, inbound.address).bind(2, inbound.at).run()
    }

    func keep(unmatched message: UnmatchedInboundMessage, atMost count: Int) throws(StoreError) {
        try cold(
            "INSERT INTO inbound (received_at, channel, sender, label, provider, words) VALUES (?, ?, ?, ?, ?, ?)"
        ).bind(1, message.receivedAt).bind(2, Int64(message.channel.rawValue)).bind(3, message.sender)
            .bind(4, message.label).bind(5, message.provider).bind(6, message.words).run()
        try cold("DELETE FROM inbound WHERE seq <= (SELECT max(seq) FROM inbound) - ?").bind(1, Int64(count)).run()
    }
}

extension SQLiteReader {
    public func unmatchedMessages(before place: Int64?, limit: Int) async throws(StoreError) -> UnmatchedPage {
        try await read { db throws(StoreError) in
            let row = try Statement(
                """
                SELECT received_at, channel, sender, label, provider, words, seq FROM inbound WHERE seq < ?
                ORDER BY seq DESC LIMIT ?
                """, on: db)
            row.bind(1, place ?? .max).bind(2, Int64(max(0, limit)))
            var page = UnmatchedPage(messages: [])
            while try row.step() {
                page.next = row.int(6)
                page.messages.append(
                    UnmatchedInboundMessage(
                        receivedAt: Instant(milliseconds: row.int(0)),
                        channel: try row.value(1, in: "inbound.channel", of: row.int(6)), sender: row.keyHash(2),
                        label: row.string(3), provider: row.optionalString(4), words: row.string(5)))
            }
            if page.messages.count < limit { page.next = nil }
            return page
        }
    }

    public func lastInbound(after last: KeyHash?, limit: Int) async throws(StoreError) -> [LastInbound] {
        try await read { db throws(StoreError) in
            let row = try Statement(
                "SELECT address, at FROM last_inbound WHERE ?1 IS NULL OR address > ?1 ORDER BY address LIMIT ?2",
                on: db
            ).bind(2, Int64(max(0, limit)))
            if let last { row.bind(1, last) }
            var found: [LastInbound] = []
            while try row.step() {
                found.append(LastInbound(address: row.keyHash(0), at: Instant(milliseconds: row.int(1))))
            }
            return found
        }
    }
}
