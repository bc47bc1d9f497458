public import SobreModel
public import SobreStore

extension SQLiteStore: ReceiptStore {
    public func append(_ receipts: [Receipt], maxWaiting: Int) async throws(StoreError) -> ReceiptIntake {
        if receipts.isEmpty { return ReceiptIntake() }
        return try await writer.perform { core throws(StoreError) in
            try core.append(receipts, maxWaiting: maxWaiting)
        }
    }

    public func applyReceipts(
        limit: Int, patience: Duration, deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptRound {
        try await writer.perform { core throws(StoreError) in
            try core.applyReceipts(limit: limit, patience: patience, decide)
        }
    }

    public func receipts(of message: MessageID?, limit: Int) async throws(StoreError) -> [ReceiptRow] {
        try await reader.receipts(of: message, limit: limit)
    }

    public func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int] {
        try await reader.receiptTotals()
    }

    public func pruneReceipts(before: Instant, limit: Int) async throws(StoreError) -> Int {
        if limit <= 0 { return 0 }
        return try await writer.perform { core throws(StoreError) in
            try core.pruneReceipts(before: before, limit: limit)
        }
    }

    public func engagement(of recipient: String) async throws(StoreError) -> (own: Engagement, prior: Engagement) {
        try await writer.perform(.reads) { core throws(StoreError) in
            let id = try core.person(recipient)?.profile.id ?? recipient
            return (try core.engagement(of: .recipient(id)), try core.engagement(of: .none))
        }
    }
}

extension SQLiteReader {
    /// The newest receipts, or those of one message.
    public func receipts(of message: MessageID?, limit: Int) async throws(StoreError) -> [ReceiptRow] {
        try await read { db throws(StoreError) in
            let condition = message == nil ? "" : "WHERE delivery BETWEEN ?1 AND ?1 | 15"
            let row = try Statement(
                "SELECT \(ReceiptColumns.list) FROM receipt \(condition) ORDER BY id DESC LIMIT ?2", on: db)
            if let message { row.bind(1, message.rawValue) }
            row.bind(2, Int64(max(0, limit)))
            var rows: [ReceiptRow] = []
            while try row.step() { if let receipt = ReceiptColumns.read(row) { rows.append(receipt) } }
            return rows
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
