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

    /// How many receipts are kept, by standing.
    public func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int] {
        try await read { db throws(StoreError) in
            let row = try Statement("SELECT standing, count(*) FROM receipt GROUP BY standing", on: db)
            var totals: [ReceiptRow.Standing: Int] = [:]
            while try row.step() {
                guard let standing = ReceiptRow.Standing(rawValue: UInt8(truncatingIfNeeded: row.int(0))) else {
                    continue
                }
                totals[standing] = Int(row.int(1))
            }
            return totals
        }
    }
}
