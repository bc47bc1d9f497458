public import SobreModel
public import SobreStore

extension SQLiteReader: MessageHistory {}

extension SQLiteReader: LogStore {
    public func log(_ query: LogQuery) async throws(StoreError) -> LogPage {
        let start = try LogPosition(query.direction)
        return try await read { db throws(StoreError) in
            let newest = try LogPosition.newest(on: db)
            guard start.hasMore(upTo: newest), query.limit > 0 else {
                return LogPage(rows: [], next: start.cursor(upTo: newest), end: LogCursor(sequence: newest))
            }
            let names = try query.recipient.map { id throws(StoreError) in
                try PersonNames(of: .recipient(id), on: db).list
            }
            let filter = LogFilter(query, from: start, names: names)
            let row = try Statement(filter.sql(), on: db)
            filter.bind(to: row)
            var rows: [LogRow] = []
            while try row.step() {
                let next = LogColumns.count
                let entry = try LogColumns.read(row)
                rows.append(
                    LogRow(
                        cursor: LogCursor(sequence: entry.sequence), entry: entry, recipient: row.string(next),
                        template: row.string(next + 1), campaign: row.optionalString(next + 2),
                        category: row.string(next + 3)))
            }
            // A page that is not full contains everything that is left in its direction.
            let next = rows.count == query.limit ? rows.last?.cursor : nil
            return LogPage(rows: rows, next: next ?? start.end(upTo: newest), end: LogCursor(sequence: newest))
        }
    }

    public func history(of message: MessageID) async throws(StoreError) -> [LogEntry] {
        try await read { db throws(StoreError) in
            let row = try Statement(
                "SELECT \(LogColumns.list) FROM log WHERE delivery BETWEEN ? AND ? ORDER BY seq", on: db)
            row.bind(1, message.rawValue).bind(2, message.rawValue | 15)
            var entries: [LogEntry] = []
            while try row.step() { entries.append(try LogColumns.read(row)) }
            return entries
        }
    }

    public func timeline(recipient: String, limit: Int) async throws(StoreError) -> [TimelineItem] {
        try await read { db throws(StoreError) in
            let names = try PersonNames(of: .recipient(recipient), on: db).list
            let row = try Statement(
                """
                SELECT \(MessageColumns.list) FROM (\(Self.messages(of: names))) AS own
                CROSS JOIN message ON message.id = own.message ORDER BY own.message DESC LIMIT ?1
                """, on: db
            ).bind(1, Int64(max(0, limit)))
            let last = try Statement(
                "SELECT \(LogColumns.list) FROM log WHERE delivery = ? ORDER BY seq DESC LIMIT 1", on: db)
            var items: [TimelineItem] = []
            while try row.step() {
                var item = TimelineItem(message: try MessageColumns.read(row), last: [])
                for delivery in item.message.deliveries {
                    last.bind(1, delivery.rawValue)
                    if try last.step() { item.last.append(try LogColumns.read(last)) }
                    last.reset()
                }
                items.append(item)
            }
            return items
        }
    }

    /// A recipient's messages under all names, newest first. The newest messages may not be in `person_message` yet, so
    /// they are read from `message`.
    fileprivate static func messages(of names: String) -> String {
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

/// A log query as SQL: its conditions, and the values bound to them in the same order.
private struct LogFilter {
    private enum Value {
        case number(Int64)
        case text(String)
    }

    private let query: LogQuery
    private let start: LogPosition
    private var conditions: [String] = []
    private var values: [Value] = []

    /// - Parameters:
    ///   - query: The conditions.
    ///   - start: Where reading begins.
    ///   - names: The key hashes of the query's recipient.
    init(_ query: LogQuery, from start: LogPosition, names: String?) {
        self.query = query
        self.start = start
        add(start.isForward ? "log.seq > ?" : "log.seq < ?", .number(start.sequence))
        if !query.states.isEmpty { addList("log.state", query.states.map { .number(Int64($0.rawValue)) }) }
        if !query.channels.isEmpty { addList("log.channel", query.channels.map { .number(Int64($0.rawValue)) }) }
        if !query.reasons.isEmpty { addList("log.reason", query.reasons.map { .text($0) }) }
        if let provider = query.provider { add("log.provider = ?", .text(provider)) }
        if let since = query.since { add("log.at >= ?", .number(since.milliseconds)) }
        if let until = query.until { add("log.at < ?", .number(until.milliseconds)) }
        if let names {
            // Starts from the recipient's own messages, which are few compared with the whole log.
            conditions.append(
                """
                log.seq IN (SELECT step.seq FROM (\(SQLiteReader.messages(of: names))) AS own
                CROSS JOIN log AS step ON step.delivery BETWEEN own.message AND own.message + 15)
                """)
        }
        if let campaign = query.campaign { add("message.campaign = ?", .text(campaign)) }
        if let category = query.category { add("message.category = ?", .text(category)) }
        if let template = query.template { add("message.template = ?", .text(template)) }
    }

    private mutating func add(_ condition: String, _ value: Value) {
        conditions.append(condition)
        values.append(value)
    }

    private mutating func addList(_ column: String, _ list: [Value]) {
        conditions.append("\(column) IN (\(list.map { _ in "?" }.joined(separator: ", ")))")
        values += list
    }

    func sql() -> String {
        """
        SELECT \(LogColumns.list), message.recipient, message.template, message.campaign, message.category
        FROM log CROSS JOIN message ON message.id = (log.delivery & ~15)
        WHERE \(conditions.joined(separator: " AND ")) ORDER BY log.seq \(start.isForward ? "" : "DESC") LIMIT ?
        """
    }

    func bind(to row: Statement) {
        for (index, value) in values.enumerated() {
            switch value {
            case .number(let number): row.bind(Int32(index + 1), number)
            case .text(let text): row.bind(Int32(index + 1), text)
            }
        }
        row.bind(Int32(values.count + 1), Int64(max(0, query.limit)))
    }
}
