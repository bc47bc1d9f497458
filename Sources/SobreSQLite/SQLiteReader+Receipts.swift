import SobreModel
public import SobreStore

extension SQLiteReader {
    public func receipts(
        matching filter: ReceiptFilter, before id: Int64?, limit: Int
    ) async throws(StoreError) -> [ReceiptRow] {
        try await read { db throws(StoreError) in
            let row = try Statement(
                """
                SELECT \(ReceiptColumns.list) FROM receipt WHERE \(filter.condition) AND id < ? ORDER BY id DESC LIMIT ?
                """, on: db)
            let next = filter.bind(to: row)
            row.bind(next, id ?? .max).bind(next + 1, Int64(max(0, limit)))
            var rows: [ReceiptRow] = []
            while try row.step() { if let receipt = ReceiptColumns.read(row) { rows.append(receipt) } }
            return rows
        }
    }

    public func receiptCount(matching filter: ReceiptFilter) async throws(StoreError) -> Int {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT count(*) FROM receipt WHERE \(filter.condition)", on: db)
            _ = filter.bind(to: row)
            return try row.step() ? Int(row.int(0)) : 0
        }
    }

    /// The numbers of the receipts that match and arrived after one, in the order of arrival.
    func receiptIDs(
        matching filter: ReceiptFilter, after id: Int64, limit: Int
    ) async throws(StoreError) -> [Int64] {
        try await read { db throws(StoreError) in
            let row = try Statement(
                "SELECT id FROM receipt WHERE \(filter.condition) AND id > ? ORDER BY id LIMIT ?", on: db)
            let next = filter.bind(to: row)
            row.bind(next, id).bind(next + 1, Int64(max(0, limit)))
            var ids: [Int64] = []
            while try row.step() { ids.append(row.int(0)) }
            return ids
        }
    }

    /// The number of stored receipts by standing.
    public func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int] {
        try await read { db throws(StoreError) in
            var totals: [ReceiptRow.Standing: Int] = [:]
            let waiting = try Statement("SELECT count(*) FROM receipt WHERE standing = 0", on: db)
            if try waiting.step(), waiting.int(0) > 0 { totals[.waiting] = Int(waiting.int(0)) }
            waiting.reset()
            let row = try Statement("SELECT value FROM meta WHERE name = ? AND value > 0", on: db)
            for standing in ReceiptRow.Standing.allCases where standing != .waiting {
                row.bind(1, ReceiptColumns.counter(standing))
                if try row.step() { totals[standing] = Int(row.int(0)) }
                row.reset()
            }
            return totals
        }
    }
}

extension ReceiptFilter {
    /// The condition on the table `receipt`, with a `?` for each value that ``bind(to:)`` binds.
    fileprivate var condition: String {
        var parts: [String] = []
        if message != nil { parts.append("delivery BETWEEN ? AND ?") }
        if !ids.isEmpty { parts.append("id IN (\(ids.map { _ in "?" }.joined(separator: ",")))") }
        if provider != nil { parts.append("provider = ?") }
        if since != nil { parts.append("received_at >= ?") }
        if until != nil { parts.append("received_at < ?") }
        if isUnmatched {
            parts.append(
                "standing IN (\(ReceiptRow.Standing.waiting.rawValue), \(ReceiptRow.Standing.lapsed.rawValue))")
        }
        return parts.isEmpty ? "1" : parts.joined(separator: " AND ")
    }

    /// Binds the values in the order of ``condition``. Returns the number of the next `?`.
    fileprivate func bind(to row: Statement) -> Int32 {
        var next: Int32 = 1
        func bind(_ value: Int64) {
            row.bind(next, value)
            next += 1
        }
        if let message {
            bind(message.rawValue)
            bind(message.rawValue | 15)
        }
        for id in ids { bind(id) }
        if let provider {
            row.bind(next, provider)
            next += 1
        }
        if let since { bind(since.milliseconds) }
        if let until { bind(until.milliseconds) }
        return next
    }
}
