import JSON
import SobreModel
import SobreStore

/// How a profile stands in its row: addresses and consents as JSON.
enum ProfileColumns {
    static let list = "id, locale, timezone, country, addresses, consents, attributes"

    static func read(_ row: Statement) -> Profile {
        Profile(
            id: row.string(0), locale: row.optionalString(1), timezone: row.optionalString(2),
            country: row.optionalString(3), addresses: addresses(row.bytes(4)), consents: consents(row.bytes(5)),
            attributes: row.bytes(6))
    }

    static func bind(_ profile: Profile, to row: Statement) {
        row.bind(1, Symbol.recipient(profile.id)).bind(2, profile.id).bind(3, profile.locale)
            .bind(4, profile.timezone).bind(5, profile.country).bind(6, text(profile.addresses))
            .bind(7, text(profile.consents)).bind(8, profile.attributes)
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

    private static let empty = Array("[]".utf8)
}

/// How a suppression stands in its row.
enum SuppressionColumns {
    static let list = "subject, channel, category, label, reason, source, at"

    static func read(_ row: Statement) -> Suppression {
        let category = row.string(2)
        return Suppression(
            subject: row.symbol(0), label: row.string(3), reason: .init(rawValue: row.string(4)) ?? .manual,
            channel: Channel(rawValue: UInt8(truncatingIfNeeded: row.int(1))),
            category: category.isEmpty ? nil : category,
            source: row.string(5), at: Instant(milliseconds: row.int(6)))
    }
}
