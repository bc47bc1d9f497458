import Postgres
public import SobreModel
public import SobreStore

extension PostgresStore: InboundStore {
    private static let putLast = PreparedStatement(
        "inbound_note",
        """
        INSERT INTO last_inbound VALUES ($1, $2, $3)
        ON CONFLICT (bucket, address) DO UPDATE SET at = excluded.at WHERE excluded.at > last_inbound.at
        """)
    private static let putUnmatched = PreparedStatement(
        "inbound_keep",
        """
        INSERT INTO inbound (bucket, received_at, channel, sender, label, provider, words)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)
    private static let dropOldest = PreparedStatement(
        "inbound_drop", "DELETE FROM inbound WHERE id <= (SELECT id FROM inbound ORDER BY id DESC OFFSET $1 LIMIT 1)")
    private static let unmatched = PreparedStatement(
        "inbound_read",
        """
        SELECT received_at, channel, sender, label, provider, words, id FROM inbound WHERE id < $1
        ORDER BY id DESC LIMIT $2
        """)
    private static let last = PreparedStatement(
        "inbound_last", "SELECT address, at FROM last_inbound WHERE address > $1 ORDER BY address LIMIT $2")
    private static let firstLast = PreparedStatement(
        "inbound_first_last", "SELECT address, at FROM last_inbound ORDER BY address LIMIT $1")

    public func keep(unmatched message: UnmatchedInboundMessage, atMost count: Int) async throws(StoreError) {
        try await write { connection, _ in
            try connection.send(
                Self.putUnmatched, Bucket.of(message.sender), message.receivedAt.milliseconds,
                Int64(message.channel.rawValue), message.sender.stored, message.label, message.provider, message.words)
            try connection.send(Self.dropOldest, max(0, count))
        }
    }

    public func note(_ inbound: LastInbound) async throws(StoreError) {
        try await write { connection, _ in
            try connection.send(
                Self.putLast, Bucket.of(inbound.address), inbound.address.stored, inbound.at.milliseconds)
        }
    }

    public func unmatchedMessages(before place: Int64?, limit: Int) async throws(StoreError) -> UnmatchedPage {
        try await read { connection in
            let rows = try connection.query(Self.unmatched, place ?? .max, max(0, limit))
            let messages = try rows.map { row in
                let number = try row.int(6)
                return UnmatchedInboundMessage(
                    receivedAt: Instant(milliseconds: try row.int(0)),
                    channel: try row.value(1, in: "inbound.channel", of: number),
                    sender: KeyHash(stored: try row.int(2)), label: try row.text(3),
                    provider: try row.optionalText(4), words: try row.text(5))
            }
            let next = messages.count < limit ? nil : try rows.last.map { row in try row.int(6) }
            return UnmatchedPage(messages: messages, next: next)
        }
    }

    public func lastInbound(after address: KeyHash?, limit: Int) async throws(StoreError) -> [LastInbound] {
        try await read { connection in
            let rows =
                if let address {
                    try connection.query(Self.last, address.stored, max(0, limit))
                } else {
                    try connection.query(Self.firstLast, max(0, limit))
                }
            return try rows.map { row in
                LastInbound(
                    address: KeyHash(stored: try row.int(0)), at: Instant(milliseconds: try row.int(1)))
            }
        }
    }
}
