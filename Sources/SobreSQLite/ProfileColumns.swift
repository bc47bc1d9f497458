import JSON
import SobreModel
import SobreStore

/// How a profile stands in its row: addresses and consents as JSON.
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

    static func read(_ row: Statement) -> Profile {
        Profile(
            id: row.string(0), locale: row.optionalString(1), timezone: row.optionalString(2),
            country: row.optionalString(3), addresses: addresses(row.bytes(4)), consents: consents(row.bytes(5)),
            attributes: row.bytes(6), caps: row.isNull(7) ? .none : caps(row.bytes(7)),
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

    private static func addresses(_ json: [UInt8]) -> [Address] {
        guard json != Self.empty, let document = try? JSONDocument.parse(json) else { return [] }
        return document.root.elements.compactMap { item in
            guard let channel = item["channel"]?.string.flatMap({ Channel(name: $0) }) else { return nil }
            return Address(
                channel: channel, value: item["address"]?.string ?? "", provider: item["provider"]?.string,
                platform: item["platform"]?.string)
        }
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

    private static func consents(_ json: [UInt8]) -> [Consent] {
        guard json != Self.empty, let document = try? JSONDocument.parse(json) else { return [] }
        return document.root.elements.map { item in
            Consent(
                category: item["category"]?.string ?? "",
                channel: item["channel"]?.string.flatMap { Channel(name: $0) },
                granted: item["granted"]?.bool ?? false,
                at: item["at"]?.int.map { Instant(milliseconds: Int64($0)) }, source: item["source"]?.string)
        }
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

    private static func caps(_ json: [UInt8]) -> RecipientCaps {
        guard let root = try? JSONDocument.parse(json).root else { return .none }
        var caps = RecipientCaps(percent: root["percent"]?.int ?? 100)
        if let limits = root["limits"] {
            caps.limits = limits.elements.map {
                RecipientCaps.Limit(rule: $0["rule"]?.string ?? "", limit: $0["limit"]?.int ?? 0)
            }
        }
        if let pauses = root["pauses"] {
            caps.pauses = pauses.elements.map {
                RecipientCaps.Pause(
                    until: Instant(milliseconds: Int64($0["until"]?.int ?? 0)), category: $0["category"]?.string,
                    channel: $0["channel"]?.string.flatMap { Channel(name: $0) })
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

/// How a suppression stands in its row.
enum SuppressionColumns {
    static let list = "subject, channel, category, reason, label, source, at, evidence"

    static func read(_ row: Statement) -> Suppression {
        let category = row.string(2)
        return Suppression(
            subject: row.keyHash(0), label: row.string(4), reason: .init(rawValue: row.string(3)) ?? .manual,
            channel: Channel(rawValue: UInt8(truncatingIfNeeded: row.int(1))),
            category: category.isEmpty ? nil : category,
            source: row.string(5), at: Instant(milliseconds: row.int(6)), evidence: row.optionalString(7))
    }
}
