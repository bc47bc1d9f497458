import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of a profile. Addresses and consents are JSON.
enum ProfileRow {
    static let list = "id, locale, timezone, country, addresses, consents, attributes, caps, former_zones"
    /// How many columns ``list`` has.
    static let count = 9

    /// Inserts a profile, or replaces the one with its ID.
    static let upsert = PreparedStatement(
        "profile_put",
        """
        INSERT INTO profile (bucket, key, revision, \(list)) VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (bucket, key) DO UPDATE SET revision = profile.revision + 1, locale = excluded.locale,
            timezone = excluded.timezone, country = excluded.country, addresses = excluded.addresses,
            consents = excluded.consents, attributes = excluded.attributes, caps = excluded.caps,
            former_zones = excluded.former_zones
        """)

    /// Reads a row, without the aliases.
    static func read(_ row: ResultRow) throws -> Profile {
        let id = try row.text(0)
        let (locale, timezone, country) = (try row.optionalText(1), try row.optionalText(2), try row.optionalText(3))
        let (addresses, consents) = (try row.text(4), try row.text(5))
        let (attributes, caps, zones) = (try row.bytes(6), try row.optionalText(7), try row.optionalText(8))
        do throws(UnreadableColumn) {
            return Profile(
                id: id, locale: locale, timezone: timezone, country: country,
                addresses: try ProfileText.addresses(Array(addresses.utf8)),
                consents: try ProfileText.consents(Array(consents.utf8)), attributes: attributes,
                caps: try caps.map { text throws(UnreadableColumn) in try ProfileText.caps(Array(text.utf8)) }
                    ?? RecipientCaps.none,
                formerTimezones: zones.map { ProfileText.zones(Array($0.utf8)) } ?? [])
        } catch {
            throw StoreError.unreadable(error.what, in: error.column, of: KeyHash.recipient(id).stored)
        }
    }

    static func send(_ profile: Profile, _ connection: PostgresConnection) throws(PostgresError) {
        let key = KeyHash.recipient(profile.id)
        try connection.send(
            upsert, Bucket.of(key), key.stored, profile.id, profile.locale, profile.timezone, profile.country,
            ProfileText.text(profile.addresses), ProfileText.text(profile.consents), profile.attributes,
            profile.caps.isNone ? nil : ProfileText.text(profile.caps),
            profile.formerTimezones.isEmpty ? nil : ProfileText.text(profile.formerTimezones))
    }
}
