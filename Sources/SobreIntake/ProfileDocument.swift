public import JSON
public import SobreModel

/// The JSON representation of a profile in files and in the API. ``ProfileReader`` reads it.
public enum ProfileDocument {
    /// Writes a profile in the format in which it is put. Former time zones are internal and are omitted.
    public static func write(_ profile: Profile, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(profile.id)
            if !profile.aliases.isEmpty {
                writer.key("aliases")
                writer.value(profile.aliases)
            }
            writer.member("locale", ifPresent: profile.locale)
            writer.member("timezone", ifPresent: profile.timezone)
            writer.member("country", ifPresent: profile.country)
            writer.key("addresses")
            writer.array { writer in for address in profile.addresses { write(address, to: &writer) } }
            writer.key("consents")
            writer.array { writer in for consent in profile.consents { write(consent, to: &writer) } }
            if !profile.caps.isNone {
                writer.key("caps")
                write(profile.caps, to: &writer)
            }
            writer.key("attributes")
            writer.raw(profile.attributes)
        }
    }

    private static func write(_ address: Address, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("channel")
            writer.value(address.channel.description)
            writer.key("address")
            writer.value(address.value)
            writer.member("provider", ifPresent: address.provider)
            writer.member("platform", ifPresent: address.platform)
        }
    }

    /// Writes a consent.
    public static func write(_ consent: Consent, to writer: inout JSONWriter) {
        writer.object { members(of: consent, to: &$0) }
    }

    /// Writes the members of a consent into an open object.
    public static func members(of consent: Consent, to writer: inout JSONWriter) {
        writer.key("category")
        writer.value(consent.category)
        writer.member("channel", ifPresent: consent.channel?.description)
        writer.key("granted")
        writer.value(consent.granted)
        writer.member("at", ifPresent: consent.at?.rfc3339)
        writer.member("source", ifPresent: consent.source)
        writer.member("evidence", ifPresent: consent.evidence)
    }

    private static func write(_ caps: RecipientCaps, to writer: inout JSONWriter) {
        writer.object { writer in
            if caps.percent < 100 {
                writer.key("percent")
                writer.value(caps.percent)
            }
            if !caps.limits.isEmpty {
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
            }
            if !caps.pauses.isEmpty {
                writer.key("pauses")
                writer.array { writer in
                    for pause in caps.pauses {
                        writer.object { writer in
                            writer.key("until")
                            writer.value(pause.until.rfc3339)
                            writer.member("category", ifPresent: pause.category)
                            writer.member("channel", ifPresent: pause.channel?.description)
                        }
                    }
                }
            }
        }
    }
}
