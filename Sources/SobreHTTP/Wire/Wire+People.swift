public import JSON
public import SobreModel

extension Wire {
    /// A profile in the form in which it is put.
    public static func write(_ profile: Profile, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(profile.id)
            writer.member("locale", ifPresent: profile.locale)
            writer.member("timezone", ifPresent: profile.timezone)
            writer.member("country", ifPresent: profile.country)
            writer.key("addresses")
            writer.array { writer in for address in profile.addresses { write(address, to: &writer) } }
            writer.key("consents")
            writer.array { writer in for consent in profile.consents { write(consent, to: &writer) } }
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

    private static func write(_ consent: Consent, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("category")
            writer.value(consent.category)
            writer.member("channel", ifPresent: consent.channel?.description)
            writer.key("granted")
            writer.value(consent.granted)
            writer.member("at", ifPresent: consent.at?.rfc3339)
            writer.member("source", ifPresent: consent.source)
        }
    }

    /// A suppression, with its subject's label: never an address in full.
    public static func write(_ suppression: Suppression, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("label")
            writer.value(suppression.label)
            writer.key("reason")
            writer.value(suppression.reason.rawValue)
            writer.member("channel", ifPresent: suppression.channel?.description)
            writer.member("category", ifPresent: suppression.category)
            writer.key("source")
            writer.value(suppression.source)
            writer.key("at")
            writer.value(suppression.at.rfc3339)
        }
    }
}
