public import SobreModel
public import SobreStore

extension SQLiteReader: PersonHistory {
    /// The profile with this ID or alias.
    public func profile(_ id: String) async throws(StoreError) -> Profile? {
        try await read { db throws(StoreError) in
            let names = try PersonNames(of: .recipient(id), on: db)
            let row = try Statement("SELECT \(ProfileColumns.list) FROM profile WHERE key = ?", on: db)
                .bind(1, names.person)
            guard try row.step() else { return nil }
            var profile = try ProfileColumns.read(row)
            profile.aliases = names.aliases
            return profile.id == id || names.aliases.contains(id) ? profile : nil
        }
    }

    /// A page of profiles, in the order of their key hashes.
    public func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile] {
        try await read { db throws(StoreError) in
            let row = try Statement(
                "SELECT \(ProfileColumns.list), key FROM profile WHERE ?1 IS NULL OR key > ?1 ORDER BY key LIMIT ?2",
                on: db
            ).bind(1, id.map { KeyHash.recipient($0).stored }).bind(2, Int64(max(0, limit)))
            var profiles: [Profile] = []
            while try row.step() {
                var profile = try ProfileColumns.read(row)
                profile.aliases = try PersonNames(of: row.keyHash(9), on: db).aliases
                profiles.append(profile)
            }
            return profiles
        }
    }

    public func crowdedAddresses(above most: Int) async throws(StoreError) -> Int {
        try await read { db throws(StoreError) in
            let row = try Statement(
                "SELECT count(*) FROM (SELECT 1 FROM address_holder GROUP BY address HAVING count(*) > ?)", on: db
            ).bind(1, Int64(most))
            defer { row.reset() }
            return try row.step() ? Int(row.int(0)) : 0
        }
    }

    public func consentHistory(
        of id: String?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [ConsentRecord] {
        try await read { db throws(StoreError) in
            var condition = ""
            if let id { condition = "AND person IN (\(try PersonNames(of: .recipient(id), on: db).list))" }
            let row = try Statement(
                """
                SELECT seq, recipient, category, channel, granted, at, source, evidence, recorded_at FROM consent_log
                WHERE seq > ?1 \(condition) ORDER BY seq LIMIT ?2
                """, on: db
            ).bind(1, sequence).bind(2, Int64(max(0, limit)))
            var records: [ConsentRecord] = []
            while try row.step() {
                let consent = Consent(
                    category: row.string(2),
                    channel: try row.channelOrAll(3, in: "consent_log.channel", of: row.int(0)),
                    granted: row.int(4) != 0, at: row.instant(5), source: row.optionalString(6),
                    evidence: row.optionalString(7))
                records.append(
                    ConsentRecord(
                        sequence: row.int(0), recipient: row.string(1), consent: consent,
                        recordedAt: Instant(milliseconds: row.int(8))))
            }
            return records
        }
    }

    public func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord] {
        try await read { db throws(StoreError) in
            var condition = ""
            if let subject { condition = "AND subject IN (\(try PersonNames(of: subject, on: db).list))" }
            let row = try Statement(
                """
                SELECT \(SuppressionColumns.list), seq, is_lifted, recorded_at FROM suppression_log
                WHERE seq < ?1 \(condition) ORDER BY seq DESC LIMIT ?2
                """, on: db
            ).bind(1, sequence ?? .max).bind(2, Int64(max(0, limit)))
            var records: [SuppressionRecord] = []
            while try row.step() {
                records.append(
                    SuppressionRecord(
                        sequence: row.int(8), change: row.int(9) == 0 ? .set : .lifted,
                        suppression: try SuppressionColumns.read(row, id: 8),
                        recordedAt: Instant(milliseconds: row.int(10))))
            }
            return records
        }
    }

    public func suppressions(
        of subjects: [KeyHash]?, before place: SuppressionPlace?, limit: Int
    ) async throws(StoreError) -> [Suppression] {
        try await read { db throws(StoreError) in
            var conditions: [String] = []
            if let subjects {
                var names: [String] = []
                for subject in subjects { names.append(try PersonNames(of: subject, on: db).list) }
                conditions.append("subject IN (\(names.joined(separator: ", ")))")
            }
            if place != nil {
                conditions.append(
                    "at <= ?2 AND (at < ?2 OR (subject, channel, category, reason) > (?3, ?4, ?5, ?6))")
            }
            let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            let row = try Statement(
                """
                SELECT \(SuppressionColumns.list) FROM suppression \(filter)
                ORDER BY at DESC, subject, channel, category, reason LIMIT ?1
                """, on: db
            ).bind(1, Int64(max(0, limit)))
            if let place {
                row.bind(2, place.at).bind(3, place.subject).bind(4, Int64(place.channel?.rawValue ?? 0))
                    .bind(5, place.category ?? "").bind(6, place.reason.rawValue)
            }
            var found: [Suppression] = []
            while try row.step() { found.append(try SuppressionColumns.read(row)) }
            return found
        }
    }

    func address(of delivery: DeliveryID) async throws(StoreError) -> KeyHash? {
        try await read { db throws(StoreError) in
            let row = try Statement(
                """
                SELECT address FROM attempt WHERE id IN (\(DeliveryEntries.attempts)) ORDER BY id DESC LIMIT 1
                """, on: db
            ).bind(1, delivery.rawValue)
            return try row.step() ? row.keyHash(0) : nil
        }
    }

    /// A page of all suppressions, in the order of their primary key.
    public func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression] {
        try await read { db throws(StoreError) in
            let condition = last == nil ? "" : "WHERE (subject, channel, category, reason) > (?2, ?3, ?4, ?5)"
            let row = try Statement(
                """
                SELECT \(SuppressionColumns.list) FROM suppression \(condition)
                ORDER BY subject, channel, category, reason LIMIT ?1
                """, on: db
            ).bind(1, Int64(max(0, limit)))
            if let last {
                row.bind(2, last.subject).bind(3, Int64(last.channel?.rawValue ?? 0)).bind(4, last.category ?? "")
                    .bind(5, last.reason.rawValue)
            }
            var found: [Suppression] = []
            while try row.step() { found.append(try SuppressionColumns.read(row)) }
            return found
        }
    }
}

/// The names of a recipient, as the reading connection sees them.
struct PersonNames {
    /// The key hash of the ID.
    let person: KeyHash
    /// The key hashes of all names, the ID's first.
    let keyHashes: [KeyHash]
    /// The aliases as text.
    let aliases: [String]

    init(of name: KeyHash, on db: OpaquePointer) throws(StoreError) {
        let owner = try Statement("SELECT person FROM alias WHERE key = ?", on: db).bind(1, name)
        let person = try owner.step() ? owner.keyHash(0) : name
        self.person = person
        var keyHashes = [person]
        var aliases: [String] = []
        let row = try Statement("SELECT key, id FROM alias WHERE person = ? ORDER BY at, key", on: db).bind(1, person)
        while try row.step() {
            keyHashes.append(row.keyHash(0))
            let id = row.string(1)
            if !id.isEmpty { aliases.append(id) }
        }
        self.keyHashes = keyHashes
        self.aliases = aliases
    }

    /// The names for use in `IN`. They are numbers, so no foreign text gets into the statement.
    var list: String { keyHashes.map { String($0.stored) }.joined(separator: ", ") }
}
