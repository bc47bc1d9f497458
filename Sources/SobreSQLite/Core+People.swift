import SobreModel
import SobreStore

extension Core {
    func put(_ changed: [Profile]) throws(StoreError) {
        let row = try cold(
            """
            INSERT INTO profile (key, id, revision, locale, timezone, country, addresses, consents, attributes)
            VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT (key) DO UPDATE SET revision = revision + 1, locale = excluded.locale,
                timezone = excluded.timezone, country = excluded.country, addresses = excluded.addresses,
                consents = excluded.consents, attributes = excluded.attributes
            """)
        for profile in changed {
            ProfileColumns.bind(profile, to: row)
            try row.run()
            profiles.remove(.recipient(profile.id))
        }
    }

    func suppress(_ suppressions: [Suppression]) throws(StoreError) {
        let row = try cold("INSERT OR REPLACE INTO suppression VALUES (?, ?, ?, ?, ?, ?, ?)")
        let exists = try cold("SELECT 1 FROM suppression WHERE subject = ? AND channel = ? AND category = ?")
        for item in suppressions {
            let channel = Int64(item.channel?.rawValue ?? 0)
            exists.bind(1, item.subject).bind(2, channel).bind(3, item.category ?? "")
            if try !exists.step() { marks.suppressions += 1 }
            exists.reset()
            row.bind(1, item.subject).bind(2, channel).bind(3, item.category ?? "").bind(4, item.label)
                .bind(5, item.reason.rawValue).bind(6, item.source).bind(7, item.at)
            try row.run()
        }
    }

    func lift(subject: Symbol, channel: Channel?, category: String?) throws(StoreError) -> Int {
        let row = try cold(
            """
            DELETE FROM suppression WHERE subject = ?1 AND (?2 IS NULL OR channel = ?2)
            AND (?3 IS NULL OR category = ?3)
            """)
        try row.bind(1, subject).bind(2, channel.map { Int64($0.rawValue) }).bind(3, category).run()
        marks.suppressions -= row.changes
        return row.changes
    }
}
