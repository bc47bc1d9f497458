import SobreModel
import SobreStore
import SobreStoreColumns

/// A log query as the sources of its entries: the rows of the log, and the tables that entries are derived from. A table
/// whose entries cannot match is not read.
struct LogFilter {
    private static let messageColumns = """
        message.recipient, message.template, message.campaign, message.category, message.options
        """

    private let query: LogQuery
    private let position: LogPosition
    /// The key hashes of the query's recipient.
    private let names: String?
    private let bounds: LogBounds

    init(_ query: LogQuery, from position: LogPosition, names: String?, _ bounds: LogBounds) {
        self.query = query
        self.position = position
        self.names = names
        self.bounds = bounds
    }

    private var order: String { position.isForward ? "" : "DESC" }

    func sources(on db: OpaquePointer) throws(StoreError) -> [LogSource] {
        var sources = [try stored(on: db)]
        // Derived entries have no reason.
        guard query.reasons.isEmpty || query.reasons.contains("") else { return sources }
        if matches(.attempting) { sources.append(try begun(on: db)) }
        // Neither a channel nor a provider is chosen when a message is accepted.
        if query.channels.isEmpty, query.provider == nil, matches(.queued) || matches(.scheduled) {
            sources.append(try accepted(on: db))
        }
        return sources
    }

    private func matches(_ state: DeliveryState) -> Bool { query.states.isEmpty || query.states.contains(state) }

    /// The rows of the log.
    private func stored(on db: OpaquePointer) throws(StoreError) -> LogSource {
        var conditions = LogConditions()
        conditions.add(position.isForward ? "log.seq > ?" : "log.seq < ?", .number(position.sequence))
        if !query.states.isEmpty { conditions.add("log.state", in: query.states.map { .number(Int64($0.rawValue)) }) }
        if !query.reasons.isEmpty { conditions.add("log.reason", in: query.reasons.map { .text($0) }) }
        addWay(in: "log", to: &conditions)
        addTimes(of: "log.at", to: &conditions)
        if let names {
            // Starts from the recipient's own messages, which are few compared with the whole log. SQLite would rather build
            // an index of the log than use the one that it has.
            let own = "(\(SQLiteReader.messages(of: names))) AS own"
            conditions.add(
                """
                log.seq IN (
                    SELECT step.seq FROM \(own) CROSS JOIN log AS step INDEXED BY log_by_delivery
                    ON step.delivery BETWEEN own.message AND own.message + 15 AND step.is_outcome = 0
                    UNION ALL SELECT attempt.last_entry FROM \(own) CROSS JOIN attempt
                    ON attempt.delivery BETWEEN own.message AND own.message + 15 AND attempt.last_entry IS NOT NULL)
                """)
        }
        addMessage(to: &conditions)
        let row = try Statement(
            """
            SELECT \(LogColumns.list), \(Self.messageColumns)
            FROM log CROSS JOIN message ON message.id = (log.delivery & ~15)
            WHERE \(conditions.sql) ORDER BY log.seq \(order)
            """, on: db)
        conditions.bind(to: row)
        return LogSource(row) { row throws(StoreError) in
            [Self.row(try LogColumns.read(row), row, from: LogColumns.count)]
        }
    }

    /// The attempts, each as the entry that it was begun.
    private func begun(on db: OpaquePointer) throws(StoreError) -> LogSource {
        var conditions = LogConditions()
        // SQLite starts from one lower bound, so the greater one is given.
        let first = try bounds.firstAttempt(on: db)
        conditions.add("attempt.id >= ?", .number(position.isForward ? max(first, position.sequence + 1) : first))
        if !position.isForward { conditions.add("attempt.id < ?", .number(position.sequence)) }
        conditions.add("attempt.last_entry IS NOT NULL")
        addWay(in: "attempt", to: &conditions)
        addTimes(of: "attempt.opened_at", to: &conditions)
        if let names {
            conditions.add(
                """
                attempt.id IN (
                    SELECT step.id FROM (\(SQLiteReader.messages(of: names))) AS own CROSS JOIN attempt AS step
                    ON step.delivery BETWEEN own.message AND own.message + 15)
                """)
        }
        addMessage(to: &conditions)
        let row = try Statement(
            """
            SELECT \(LogColumns.ofAttempt), \(Self.messageColumns)
            FROM attempt CROSS JOIN message ON message.id = (attempt.delivery & ~15)
            WHERE \(conditions.sql) ORDER BY attempt.id \(order)
            """, on: db)
        conditions.bind(to: row)
        return LogSource(row) { row throws(StoreError) in
            [Self.row(try LogColumns.read(row, isOfAttempt: true), row, from: LogColumns.count)]
        }
    }

    /// The messages, each as the first entries of its deliveries.
    private func accepted(on db: OpaquePointer) throws(StoreError) -> LogSource {
        var conditions = LogConditions()
        let first = bounds.messagesStoredTo + 1
        if position.isForward {
            // The deliveries of this message may lie on both sides of the cursor.
            let message = try bounds.message(upTo: position.sequence, on: db)
            conditions.add("message.id >= ?", .number(max(first, message)))
        } else {
            conditions.add("message.id >= ?", .number(first))
            conditions.add("message.id <= ?", .number(try bounds.message(upTo: position.sequence - 1, on: db)))
        }
        addTimes(of: "message.accepted_at", to: &conditions)
        if let names { conditions.add("message.id IN (\(SQLiteReader.messages(of: names)))") }
        if !matches(.queued) {
            conditions.add(
                "(message.send_at > message.accepted_at OR message.route = \(ChannelRoute.escalate.rawValue))")
        }
        addMessage(to: &conditions)
        let row = try Statement(
            """
            SELECT \(AcceptedMessage.list), \(Self.messageColumns) FROM message
            WHERE \(conditions.sql) ORDER BY message.id \(order)
            """, on: db)
        conditions.bind(to: row)
        return LogSource(row) { row throws(StoreError) in
            guard let message = try AcceptedMessage(row) else { return [] }
            let entries = (0..<message.deliveryCount).map { slot in message.entry(slot: slot) }.filter { entry in
                matches(entry.state)
                    && (position.isForward ? entry.sequence > position.sequence : entry.sequence < position.sequence)
            }
            let rows = entries.map { entry in Self.row(entry, row, from: AcceptedMessage.count) }
            return position.isForward ? rows : rows.reversed()
        }
    }

    private func addWay(in table: String, to conditions: inout LogConditions) {
        if !query.channels.isEmpty {
            conditions.add("\(table).channel", in: query.channels.map { .number(Int64($0.rawValue)) })
        }
        if let provider = query.provider { conditions.add("\(table).provider = ?", .text(provider)) }
    }

    private func addTimes(of column: String, to conditions: inout LogConditions) {
        if let since = query.since { conditions.add("\(column) >= ?", .number(since.milliseconds)) }
        if let until = query.until { conditions.add("\(column) < ?", .number(until.milliseconds)) }
    }

    private func addMessage(to conditions: inout LogConditions) {
        if let campaign = query.campaign { conditions.add("message.campaign = ?", .text(campaign)) }
        if let category = query.category { conditions.add("message.category = ?", .text(category)) }
        if let template = query.template { conditions.add("message.template = ?", .text(template)) }
    }

    /// An entry with the columns of its message, which begin at `first`.
    private static func row(_ entry: LogEntry, _ row: Statement, from first: Int32) -> LogRow {
        var found = LogRow(
            cursor: LogCursor(sequence: entry.sequence), entry: entry, recipient: row.string(first),
            template: row.string(first + 1), campaign: row.optionalString(first + 2), category: row.string(first + 3))
        if !row.isNull(first + 4) { found.trace = MessageOptions.trace(row.bytes(first + 4)) }
        return found
    }
}
