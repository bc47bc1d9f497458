import SobreModel
import SobreStore

extension Core {
    func pruneReceipts(before: Instant, limit: Int) throws(StoreError) -> Int {
        let old = try cold(
            """
            SELECT id, standing FROM receipt WHERE standing <> 0 AND id <
                coalesce((SELECT min(id) FROM receipt WHERE received_at >= ?1), 9223372036854775807)
            ORDER BY id LIMIT ?2
            """
        ).bind(1, before).bind(2, Int64(limit))
        defer { old.reset() }
        var ids: [Int64] = []
        var changes: [ReceiptRow.Standing: Int] = [:]
        while try old.step() {
            ids.append(old.int(0))
            if let standing = ReceiptRow.Standing(rawValue: UInt8(truncatingIfNeeded: old.int(1))) {
                changes[standing, default: 0] -= 1
            }
        }
        for id in ids { try cold("DELETE FROM receipt WHERE id = ?").bind(1, id).run() }
        try countReceipts(changes)
        let unmatched = try cold(
            "DELETE FROM inbound WHERE seq IN (SELECT seq FROM inbound WHERE received_at < ?1 ORDER BY seq LIMIT ?2)"
        ).bind(1, before).bind(2, Int64(limit))
        try unmatched.run()
        // A message of a recipient can open a window for as long as a window may last.
        let closed = try cold(
            "DELETE FROM last_inbound WHERE address IN (SELECT address FROM last_inbound WHERE at < ?1 LIMIT ?2)"
        ).bind(1, min(before, now() - ReplyWindows.longest)).bind(2, Int64(limit))
        try closed.run()
        var removed = ids.count + unmatched.changes + closed.changes
        // Messages are pruned oldest first, so rows before the first message that is kept belong to no message.
        for table in ["delivery_event", "provider_message"] {
            let row = try cold(
                """
                SELECT delivery FROM \(table) WHERE delivery < coalesce((SELECT min(id) FROM message), 0)
                ORDER BY delivery LIMIT ?
                """
            ).bind(1, Int64(limit))
            defer { row.reset() }
            var last: Int64?
            while try row.step() { last = row.int(0) }
            row.reset()
            guard let last else { continue }
            let rows = try cold("DELETE FROM \(table) WHERE delivery <= ?").bind(1, last)
            try rows.run()
            removed += rows.changes
        }
        return removed
    }
}
