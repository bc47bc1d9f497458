import JSON
import SobreModel
import SobreStore

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
        return Profile(
            id: row.string(0), locale: row.optionalString(1), timezone: row.optionalString(2),
            country: row.optionalString(3), addresses: try addresses(row.bytes(4), key),
            consents: try consents(row.bytes(5), key),
            attributes: row.bytes(6), caps: row.isNull(7) ? .none : try caps(row.bytes(7), key),
            formerTimezones: row.isNull(8) ? [] : zones(row.bytes(8)))
    }

    static func bind(_ profile: Profile, to row: Statement) {
        row.bind(1, KeyHash.recipient(profile.id)).bind(2, profile.id).bind(3, profile.locale)
            .bind(4, profile.timezone).bind(5, profile.country).bind(6, text(profile.addresses))
            .bind(7, text(profile.consents)).bind(8, profile.attributes)
            .bind(9, profile.caps.isNone ? nil : text(profile.caps))
            .bind(10, profile.formerTimezones.isEmpty ? nil : text(profile.formerTimezones))
    }

    private static func text(_ addresses: [Address]) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for address in addresses {
                writer.object { writer in
                    writer.key("channel")
                    writer.value(address.channel.description)
                    writer.key("address")
                    writer.value(address.value)
                    writer.member("provider", ifPresent: address.provider)
                    writer.member("platform", ifPresent: address.platform)
                }
            }
        }
        return writer.string
    }

    private static func addresses(_ json: [UInt8], _ key: Int64) throws(StoreError) -> [Address] {
        if json == Self.empty { return [] }
        var addresses: [Address] = []
        for item in try root(json, in: "profile.addresses", of: key).elements {
            guard let channel = try channel(item, in: "profile.addresses", of: key) else {
                throw .unreadable("an address without a channel", in: "profile.addresses", of: key)
            }
            addresses.append(
                Address(
                    channel: channel, value: item["address"]?.string ?? "", provider: item["provider"]?.string,
                    platform: item["platform"]?.string))
        }
        return addresses
    }

    private static func root(_ json: [UInt8], in place: StaticString, of key: Int64) throws(StoreError) -> JSONRef {
        do {
            return try JSONDocument.parse(json).root
        } catch {
            throw .unreadable("text that is not JSON", in: place, of: key)
        }
    }

    /// The channel of an item. Nil when the item has none.
    private static func channel(
        _ item: JSONRef, in place: StaticString, of key: Int64
    ) throws(StoreError) -> Channel? {
        guard let name = item["channel"]?.string else { return nil }
        guard let channel = Channel(name: name) else {
            throw .unreadable("the channel \(name)", in: place, of: key)
        }
        return channel
    }

    private static func text(_ consents: [Consent]) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for consent in consents {
                writer.object { writer in
                    writer.key("category")
                    writer.value(consent.category)
                    writer.member("channel", ifPresent: consent.channel?.description)
                    writer.key("granted")
                    writer.value(consent.granted)
                    if let at = consent.at {
                        writer.key("at")
                        writer.value(at.milliseconds)
                    }
                    writer.member("source", ifPresent: consent.source)
                }
            }
        }
        return writer.string
    }

    private static func consents(_ json: [UInt8], _ key: Int64) throws(StoreError) -> [Consent] {
        if json == Self.empty { return [] }
        var consents: [Consent] = []
        for item in try root(json, in: "profile.consents", of: key).elements {
            consents.append(
                Consent(
                    category: item["category"]?.string ?? "",
                    channel: try channel(item, in: "profile.consents", of: key),
                    granted: item["granted"]?.bool ?? false,
                    at: item["at"]?.int.map { Instant(milliseconds: Int64($0)) }, source: item["source"]?.string))
        }
        return consents
    }

    private static func text(_ caps: RecipientCaps) -> String {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("percent")
            writer.value(caps.percent)
            writer.key("limits")
            writer.array { writer in
                for limit in caps.limits {
                    writer.object { writer in
                        writer.key("rule")
                        writer.value(limit.rule)
                        writer.key("limit")
                        writer.value(limit.limit)
                    }
                }
            }
            writer.key("pauses")
            writer.array { writer in
                for pause in caps.pauses {
                    writer.object { writer in
                        writer.key("until")
                        writer.value(pause.until.milliseconds)
                        writer.member("category", ifPresent: pause.category)
                        writer.member("channel", ifPresent: pause.channel?.description)
                    }
                }
            }
        }
        return writer.string
    }

    private static func caps(_ json: [UInt8], _ key: Int64) throws(StoreError) -> RecipientCaps {
        let root = try root(json, in: "profile.caps", of: key)
        var caps = RecipientCaps(percent: root["percent"]?.int ?? 100)
        if let limits = root["limits"] {
            caps.limits = limits.elements.map {
                RecipientCaps.Limit(rule: $0["rule"]?.string ?? "", limit: $0["limit"]?.int ?? 0)
            }
        }
        if let pauses = root["pauses"] {
            for item in pauses.elements {
                caps.pauses.append(
                    RecipientCaps.Pause(
                        until: Instant(milliseconds: Int64(item["until"]?.int ?? 0)),
                        category: item["category"]?.string,
                        channel: try channel(item, in: "profile.caps", of: key)))
            }
        }
        return caps
    }

    private static func text(_ zones: [FormerTimezone]) -> String {
        var writer = JSONWriter()
        writer.array { writer in
            for zone in zones {
                writer.object { writer in
                    writer.member("name", ifPresent: zone.name)
                    writer.key("left_at")
                    writer.value(zone.leftAt.milliseconds)
                }
            }
        }
        return writer.string
    }

    private static func zones(_ json: [UInt8]) -> [FormerTimezone] {
        guard let root = try? JSONDocument.parse(json).root else { return [] }
        return root.elements.map {
            FormerTimezone(
                name: $0["name"]?.string, leftAt: Instant(milliseconds: Int64($0["left_at"]?.int ?? 0)))
        }
    }

    private static let empty = Array("[]".utf8)
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
