import JSON
public import SobreModel

/// The lists of a profile, each stored as JSON in one column.
public enum ProfileText {
    /// - Parameter addresses: a profile's addresses.
    /// - Returns: the column's text.
    public static func text(_ addresses: [Address]) -> String {
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

    /// - Parameter json: the column's text.
    /// - Returns: the addresses.
    /// - Throws: `UnreadableColumn` for a text that this program does not know.
    public static func addresses(_ json: [UInt8]) throws(UnreadableColumn) -> [Address] {
        if json == Self.empty { return [] }
        var addresses: [Address] = []
        for item in try root(json, in: "profile.addresses").elements {
            guard let channel = try channel(item, in: "profile.addresses") else {
                throw UnreadableColumn("an address without a channel", in: "profile.addresses")
            }
            addresses.append(
                Address(
                    channel: channel, value: item["address"]?.string ?? "", provider: item["provider"]?.string,
                    platform: item["platform"]?.string))
        }
        return addresses
    }

    private static func root(_ json: [UInt8], in place: StaticString) throws(UnreadableColumn) -> JSONRef {
        do {
            return try JSONDocument.parse(json).root
        } catch {
            throw UnreadableColumn("text that is not JSON", in: place)
        }
    }

    /// The channel of an item. Nil when the item has none.
    private static func channel(
        _ item: JSONRef, in place: StaticString
    ) throws(UnreadableColumn) -> Channel? {
        guard let name = item["channel"]?.string else { return nil }
        guard let channel = Channel(name: name) else {
            throw UnreadableColumn("the channel \(name)", in: place)
        }
        return channel
    }

    /// - Parameter consents: a profile's consents.
    /// - Returns: the column's text.
    public static func text(_ consents: [Consent]) -> String {
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

    /// - Parameter json: the column's text.
    /// - Returns: the consents.
    /// - Throws: `UnreadableColumn` for a text that this program does not know.
    public static func consents(_ json: [UInt8]) throws(UnreadableColumn) -> [Consent] {
        if json == Self.empty { return [] }
        var consents: [Consent] = []
        for item in try root(json, in: "profile.consents").elements {
            consents.append(
                Consent(
                    category: item["category"]?.string ?? "",
                    channel: try channel(item, in: "profile.consents"),
                    granted: item["granted"]?.bool ?? false,
                    at: item["at"]?.int.map { Instant(milliseconds: Int64($0)) }, source: item["source"]?.string))
        }
        return consents
    }

    /// - Parameter caps: a profile's caps.
    /// - Returns: the column's text.
    public static func text(_ caps: RecipientCaps) -> String {
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

    /// - Parameter json: the column's text.
    /// - Returns: the caps.
    /// - Throws: `UnreadableColumn` for a text that this program does not know.
    public static func caps(_ json: [UInt8]) throws(UnreadableColumn) -> RecipientCaps {
        let root = try root(json, in: "profile.caps")
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
                        channel: try channel(item, in: "profile.caps")))
            }
        }
        return caps
    }

    /// - Parameter zones: a profile's zones.
    /// - Returns: the column's text.
    public static func text(_ zones: [FormerTimezone]) -> String {
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

    /// - Parameter json: the column's text.
    /// - Returns: the time zones that the recipient has left.
    public static func zones(_ json: [UInt8]) -> [FormerTimezone] {
        guard let root = try? JSONDocument.parse(json).root else { return [] }
        return root.elements.map {
            FormerTimezone(
                name: $0["name"]?.string, leftAt: Instant(milliseconds: Int64($0["left_at"]?.int ?? 0)))
        }
    }

    private static let empty = Array("[]".utf8)

    /// Merges two recipients' attributes into one object. Where both have a value, the first's is kept.
    ///
    /// - Parameters:
    ///   - first: a JSON object.
    ///   - second: a JSON object.
    /// - Returns: a JSON object.
    public static func mergedAttributes(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
        guard let own = try? JSONDocument.parse(first), let other = try? JSONDocument.parse(second),
            own.root.kind == .object, other.root.kind == .object, other.root.count > 0
        else { return first }
        var writer = JSONWriter()
        writer.object { writer in
            for (key, value) in own.root.members {
                writer.key(key.string ?? "")
                writer.value(value)
            }
            for (key, value) in other.root.members where own.root[key.string ?? ""] == nil {
                writer.key(key.string ?? "")
                writer.value(value)
            }
        }
        return writer.take()
    }
}
