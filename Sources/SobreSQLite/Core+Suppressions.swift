import SobreModel
import SobreStore

extension Core {
    func suppress(_ suppressions: [Suppression]) throws(StoreError) {
        let row = try cold("INSERT OR REPLACE INTO suppression VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        let exists = try cold(
            "SELECT 1 FROM suppression WHERE subject = ? AND channel = ? AND category = ? AND reason = ?")
        for item in suppressions {
            let channel = Int64(item.channel?.rawValue ?? 0)
            exists.bind(1, item.subject).bind(2, channel).bind(3, item.category ?? "").bind(4, item.reason.rawValue)
            if try !exists.step() { marks.suppressions += 1 }
            exists.reset()
            row.bind(1, item.subject).bind(2, channel).bind(3, item.category ?? "").bind(4, item.reason.rawValue)
                .bind(5, item.label).bind(6, item.source).bind(7, item.at).bind(8, item.evidence)
            try row.run()
        }
    }

    func lift(
        subject: Symbol, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter: Instant?
    ) throws(StoreError) -> Int {
        let row = try cold(
            """
            DELETE FROM suppression WHERE subject = ?1 AND (?2 IS NULL OR channel = ?2)
            AND (?3 IS NULL OR category = ?3) AND (?4 IS NULL OR reason = ?4) AND (?5 IS NULL OR at <= ?5)
            """)
        var lifted = 0
        for name in try names(of: canonical(subject)) {
            try row.bind(1, name).bind(2, channel.map { Int64($0.rawValue) }).bind(3, category)
                .bind(4, reason?.rawValue).bind(5, notAfter).run()
            lifted += row.changes
        }
        marks.suppressions -= lifted
        return lifted
    }
}
