import SobreModel
import SobreStore

extension Core {
    /// Applies receipts of the inbox once more. What had its effect has none again.
    func replay(receipts ids: [Int64], _ decide: ReceiptDecider) throws(StoreError) -> ReceiptReplay {
        let now = now()
        var replay = ReceiptReplay()
        var round = ReceiptRound()
        var changes: [ReceiptRow.Standing: Int] = [:]
        var hasIndexed = false
        func move(_ row: ReceiptRow, to standing: ReceiptRow.Standing) {
            // Waiting receipts are not counted one by one.
            if row.standing != .waiting { changes[row.standing, default: 0] -= 1 }
            changes[standing, default: 0] += 1
        }
        for id in ids {
            guard let row = try receipt(id), row.standing != .anonymous else { continue }
            replay.examined += 1
            let judged = try judge(row, now: now, hasIndexed: &hasIndexed, decide)
            switch judged.verdict {
            case .apply, .anonymise:
                guard try carryOut(judged, of: row, now: now, &round) else { continue }
                if case .apply = judged.verdict { move(row, to: .applied) } else { move(row, to: .anonymous) }
                replay.applied += 1
            case .ignore(let why):
                if row.standing == .waiting || row.standing == .lapsed {
                    try finish(row, judged.delivery, .ignored, why, isErased: judged.isErased)
                    move(row, to: .ignored)
                }
                replay.unchanged += 1
            case .wait: replay.unmatched += 1
            }
        }
        try countReceipts(changes)
        replay.entries = round.entries
        return replay
    }

    private func receipt(_ id: Int64) throws(StoreError) -> ReceiptRow? {
        let row = try cold("SELECT \(ReceiptColumns.list) FROM receipt WHERE id = ?").bind(1, id)
        defer { row.reset() }
        return try row.step() ? ReceiptColumns.read(row) : nil
    }
}
