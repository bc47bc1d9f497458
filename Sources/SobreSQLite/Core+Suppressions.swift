import SobreModel
import SobreStore

/// Suppressions and their history are changed in one transaction. A message without suppressions does not touch these
/// tables.
extension Core {
    func suppress(_ suppressions: [Suppression]) throws(StoreError) {
        let now = now()
        let row = try cold("INSERT OR REPLACE INTO suppression VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        let standing = try cold(
            """
            SELECT source, evidence FROM suppression
            WHERE subject = ? AND channel = ? AND category = ? AND reason = ?
            """)
        for item in suppressions {
            let channel = Int64(item.channel?.rawValue ?? 0)
            standing.bind(1, item.subject).bind(2, channel).bind(3, item.category ?? "").bind(4, item.reason.rawValue)
            var isKnown = false
            if try standing.step() {
                // A list that is imported every night must not add history entries every night.
                isKnown = standing.string(0) == item.source && standing.optionalString(1) == item.evidence
                standing.reset()
            } else {
                snapshot.suppressions += 1
            }
            row.bind(1, item.subject).bind(2, channel).bind(3, item.category ?? "").bind(4, item.reason.rawValue)
                .bind(5, item.label).bind(6, item.source).bind(7, item.at).bind(8, item.evidence)
            try row.run()
            guard !isKnown else { continue }
            try log(item, isLifted: false, at: now)
            changes.note(CollectionOfOne(item.subject))
        }
    }

    private func log(_ item: Suppression, isLifted: Bool, at now: Instant) throws(StoreError) {
        try cold(
            """
            INSERT INTO suppression_log (subject, channel, category, reason, label, source, at, evidence, is_lifted,
                recorded_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        ).bind(1, item.subject).bind(2, Int64(item.channel?.rawValue ?? 0)).bind(3, item.category ?? "")
            .bind(4, item.reason.rawValue).bind(5, item.label).bind(6, item.source).bind(7, item.at)
            .bind(8, item.evidence).bind(9, isLifted ? 1 : 0).bind(10, now).run()
    }

    /// Lifts one suppression.
    func lift(_ item: Suppression, by word: SuppressionLifting) throws(StoreError) {
        let row = try cold(
            "DELETE FROM suppression WHERE subject = ? AND channel = ? AND category = ? AND reason = ?"
        ).bind(1, item.subject).bind(2, Int64(item.channel?.rawValue ?? 0)).bind(3, item.category ?? "")
            .bind(4, item.reason.rawValue)
        try row.run()
        snapshot.suppressions -= row.changes
        var lifted = item
        lifted.source = word.source
        lifted.at = word.at ?? now()
        lifted.evidence = word.evidence
        try log(lifted, isLifted: true, at: now())
    }

    func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter: Instant?,
        by word: SuppressionLifting
    ) throws(StoreError) -> Int {
        let condition = """
            subject = ?1 AND (?2 IS NULL OR channel = ?2) AND (?3 IS NULL OR category = ?3 COLLATE NOCASE)
            AND (?4 IS NULL OR reason = ?4) AND (?5 IS NULL OR at <= ?5)
            """
        let now = now()
        let history = try cold(
            """
            INSERT INTO suppression_log (subject, channel, category, reason, label, source, at, evidence, is_lifted,
                recorded_at)
            SELECT subject, channel, category, reason, label, ?6, ?7, ?8, 1, ?9 FROM suppression
            WHERE \(condition) ORDER BY at
            """)
        let row = try cold("DELETE FROM suppression WHERE \(condition)")
        var lifted = 0
        for name in try names(of: canonical(subject)) {
            for statement in [history, row] {
                statement.bind(1, name).bind(2, channel.map { Int64($0.rawValue) }).bind(3, category)
                    .bind(4, reason?.rawValue).bind(5, notAfter)
            }
            try history.bind(6, word.source).bind(7, word.at ?? now).bind(8, word.evidence).bind(9, now).run()
            try row.run()
            lifted += row.changes
        }
        snapshot.suppressions -= lifted
        return lifted
    }
}
