public import SobreModel
public import SobreStore
import Synchronization

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

    public func replayReceipts(
        matching filter: ReceiptFilter, after id: Int64, limit: Int, isDryRun: Bool,
        deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptReplay {
        // The search runs beside the writer, which gets single rows.
        let ids = try await reader.receiptIDs(matching: filter, after: id, limit: limit)
        if ids.isEmpty { return ReceiptReplay() }
        let judged = Mutex<ReceiptReplay?>(nil)
        do {
            var replay = try await writer.perform { core throws(StoreError) -> ReceiptReplay in
                let replay = try core.replay(receipts: ids, decide)
                guard isDryRun else { return replay }
                // An error reverts the transaction, in the file and in memory.
                judged.withLock { $0 = replay }
                throw Self.dryRun
            }
            replay.last = ids.last
            return replay
        } catch {
            guard error == Self.dryRun, var replay = judged.withLock({ $0 }) else { throw error }
            replay.entries = []
            replay.last = ids.last
            return replay
        }
    }

    private static let dryRun = StoreError(.internal, "The transaction is reverted, because this is a dry run.")

    public func receipts(
        matching filter: ReceiptFilter, before id: Int64?, limit: Int
    ) async throws(StoreError) -> [ReceiptRow] {
        try await reader.receipts(matching: filter, before: id, limit: limit)
    }

    public func receiptCount(matching filter: ReceiptFilter) async throws(StoreError) -> Int {
        try await reader.receiptCount(matching: filter)
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
