public import SobreModel
public import SobreStore

extension SQLiteReader: MessageHistory {}

extension SQLiteReader: LogStore {
    public func log(_ query: LogQuery) async throws(StoreError) -> LogPage {
        let start = try LogPosition(query.direction)
        return try await read { db throws(StoreError) in
            let bounds = try LogBounds(on: db)
            let newest = try bounds.newest(on: db)
            guard start.hasMore(upTo: newest), query.limit > 0 else {
                return LogPage(rows: [], next: start.cursor(upTo: newest), end: LogCursor(sequence: newest))
            }
            let names = try query.recipient.map { id throws(StoreError) in
                try PersonNames(of: .recipient(id), on: db).list
            }
            let filter = LogFilter(query, from: start, names: names, bounds)
            var merged = LogMerge(try filter.sources(on: db), isForward: start.isForward)
            var rows: [LogRow] = []
            while rows.count < query.limit, let row = try merged.next() { rows.append(row) }
            // A page that is not full contains everything that is left in its direction.
            let next = rows.count == query.limit ? rows.last?.cursor : nil
            return LogPage(rows: rows, next: next ?? start.end(upTo: newest), end: LogCursor(sequence: newest))
        }
    }

    public func history(of message: MessageID) async throws(StoreError) -> [LogEntry] {
        try await read { db throws(StoreError) in
            try DeliveryEntries(db).all(of: message)
        }
    }

    public func timeline(
        recipient: String, before message: MessageID?, limit: Int
    ) async throws(StoreError) -> [TimelineItem] {
        try await read { db throws(StoreError) in
            let names = try PersonNames(of: .recipient(recipient), on: db).list
            let row = try Statement(
                """
                SELECT \(MessageColumns.list) FROM (\(Self.messages(of: names))) AS own
                CROSS JOIN message ON message.id = own.message WHERE own.message < ?2
                ORDER BY own.message DESC LIMIT ?1
                """, on: db
            ).bind(1, Int64(max(0, limit))).bind(2, message?.rawValue ?? .max)
            let entries = DeliveryEntries(db)
            var items: [TimelineItem] = []
            while try row.step() {
                var item = TimelineItem(message: try MessageColumns.read(row), last: [])
                for delivery in item.message.deliveries {
                    if let last = try entries.last(of: delivery) { item.last.append(last) }
                }
                items.append(item)
            }
            return items
        }
    }

    /// A recipient's messages under all names, newest first. The newest messages may not be in `person_message` yet, so
    /// they are read from `message`.
    static func messages(of names: String) -> String {
        """
        SELECT message FROM person_message WHERE person IN (\(names)) UNION SELECT id FROM message
        WHERE id > coalesce((SELECT value FROM meta WHERE name = 'people_filed_to'), 0)
        AND recipient_key IN (\(names)) ORDER BY 1 DESC
        """
    }

    public func totals() async throws(StoreError) -> [DeliveryState: Int] {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT state, deliveries FROM tally WHERE deliveries > 0 AND state >= 0", on: db)
            var totals: [DeliveryState: Int] = [:]
            while try row.step() {
                if let state = DeliveryState(rawValue: UInt8(truncatingIfNeeded: row.int(0))) {
                    totals[state] = Int(row.int(1))
                }
            }
            return totals
        }
    }
}
