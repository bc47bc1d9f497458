internal import JSON
internal import Liquid
internal import SobreModel

extension RenderJob {
    /// Adds the template's values to the scope. If two have the same name, the first one added wins.
    func fillScope() throws(LiquidError) {
        let data = worker.data
        data.reset()
        data.set(ReservedName.channel.rawValue, to: channel.description)
        data.set(ReservedName.locale.rawValue, to: profile?.locale ?? "en")
        if template.readsNow { data.set(ReservedName.now.rawValue, to: now.rfc3339) }
        if let campaign = message.campaign { data.set(ReservedName.campaign.rawValue, to: campaign) }
        if let address = links.unsubscribe { data.set(ReservedName.unsubscribeURL.rawValue, to: address) }
        if let address = links.preferences { data.set(ReservedName.preferencesURL.rawValue, to: address) }
        if template.readsMessage { try data.add(json: messageFacts, as: ReservedName.message.rawValue) }
        try data.add(json: message.data)
        guard let profile else {
            // Without a profile, `customer.first_name | default: …` must still render its fallback.
            try data.add(json: Array("{}".utf8), as: ReservedName.customer.rawValue)
            return
        }
        if template.readsCustomer { try data.add(json: Self.customer(profile), as: ReservedName.customer.rawValue) }
        try data.add(json: profile.attributes)
    }

    private var messageFacts: [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", ifPresent: message.id.description)
            writer.member("template", ifPresent: message.template)
            writer.member("category", ifPresent: message.category)
            writer.member("campaign", ifPresent: message.campaign)
            writer.member("topic", ifPresent: message.topic)
            writer.member("journey", ifPresent: message.journey)
            writer.key("tags")
            writer.value(message.tags)
        }
        return writer.take()
    }

    /// The profile as one object: its fixed fields, then its attributes.
    private static func customer(_ profile: Profile) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("id", ifPresent: profile.id)
            writer.member("locale", ifPresent: profile.locale)
            writer.member("language", ifPresent: profile.locale.map(language(of:)))
            writer.member("timezone", ifPresent: profile.timezone)
            writer.member("country", ifPresent: profile.country)
        }
        var bytes = writer.take()
        // The attributes are one JSON object. Its members are appended to ours within one pair of braces.
        guard let open = profile.attributes.firstIndex(of: UInt8(ascii: "{")) else { return bytes }
        let members = profile.attributes[(open + 1)...]
        guard let first = members.first(where: { $0 > 0x20 }), first != UInt8(ascii: "}") else { return bytes }
        bytes.removeLast()
        bytes.append(UInt8(ascii: ","))
        bytes += members
        return bytes
    }

    /// The language of a locale: `fr` for `fr-FR`.
    private static func language(of locale: String) -> String {
        locale.prefix { $0 != "-" && $0 != "_" }.lowercased()
    }

    /// Checks the message's data against the template's declared variables.
    func checkVariables() throws(RenderStop) {
        if template.manifest.variables.isEmpty { return }
        guard let data = try? JSONDocument.parse(message.data).root, data.kind == .object else {
            throw .failed("The message's data is not a JSON object.")
        }
        if let problem = template.manifest.problem(inData: data) { throw .failed(problem.description) }
    }
}
