import SobreModel
import SobreStore
import SobreStoreColumns

/// The columns of a profile. Addresses and consents are JSON.
enum ProfileColumns {
    static let list = "id, locale, timezone, country, addresses, consents, attributes, caps, former_zones"

    static let upsert = """
        INSERT INTO profile (key, id, revision, locale, timezone, country, addresses, consents, attributes, caps,
            former_zones)
        VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
        ON CONFLICT (key) DO UPDATE SET revision = revision + 1, locale = excluded.locale,
            timezone = excluded.timezone, country = excluded.country, addresses = excluded.addresses,
            consents = excluded.consents, attributes = excluded.attributes, caps = excluded.caps,
            former_zones = excluded.former_zones
        """

    static func read(_ row: Statement) throws(StoreError) -> Profile {
        let key = KeyHash.recipient(row.string(0)).stored
        do throws(UnreadableColumn) {
            return Profile(
                id: row.string(0), locale: row.optionalString(1), timezone: row.optionalString(2),
                country: row.optionalString(3), addresses: try ProfileText.addresses(row.bytes(4)),
                consents: try ProfileText.consents(row.bytes(5)),
                attributes: row.bytes(6), caps: row.isNull(7) ? .none : try ProfileText.caps(row.bytes(7)),
                formerTimezones: row.isNull(8) ? [] : ProfileText.zones(row.bytes(8)))
        } catch {
            throw .unreadable(error.what, in: error.column, of: key)
        }
    }

    static func bind(_ profile: Profile, to row: Statement) {
        row.bind(1, KeyHash.recipient(profile.id)).bind(2, profile.id).bind(3, profile.locale)
            .bind(4, profile.timezone).bind(5, profile.country).bind(6, ProfileText.text(profile.addresses))
            .bind(7, ProfileText.text(profile.consents)).bind(8, profile.attributes)
            .bind(9, profile.caps.isNone ? nil : ProfileText.text(profile.caps))
            .bind(10, profile.formerTimezones.isEmpty ? nil : ProfileText.text(profile.formerTimezones))
    }
}

/// The columns of a suppression.
enum SuppressionColumns {
    static let list = "subject, channel, category, reason, label, source, at, evidence"

    /// `id` is the column whose number identifies the row in errors. By default it is the subject.
    static func read(_ row: Statement, id: Int32 = 0) throws(StoreError) -> Suppression {
        let category = row.string(2)
        guard let reason = Suppression.Reason(rawValue: row.string(3)) else {
            throw .unreadable("the reason \(row.string(3))", in: "suppression.reason", of: row.int(id))
        }
        return Suppression(
            subject: row.keyHash(0), label: row.string(4), reason: reason,
            channel: try row.channelOrAll(1, in: "suppression.channel", of: row.int(id)),
            category: category.isEmpty ? nil : category,
            source: row.string(5), at: Instant(milliseconds: row.int(6)), evidence: row.optionalString(7))
    }
}
