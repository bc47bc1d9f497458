import SobreModel
import YAMLDocument

// The sections with their keys, in the order of `Config/sobre.yaml`, and how each is read.
extension Settings {
    static let sections: [(name: String, keys: [String])] = [
        ("data", ["directory"]),
        ("paths", ["templates", "template_links", "providers", "policy"]),
        ("server", ["host", "proxies"] + Server.keys.names() + HTTPLimits.keys.names()),
        ("sender", ["reply_to"] + Channel.allCases.filter { $0.sender != nil }.map(\.description)),
        ("links", ["public_url", "preferences_url", "secret", "previous_secrets"]),
        ("dispatch", DispatchLimits.keys.names()),
        ("retry", RetryPolicy.keys.names()),
        ("health", ProviderHealthLimits.keys.names()),
        ("rendering", ["undefined", "link_schemes"] + Rendering.keys.names() + RenderingLimits.keys.names()),
        ("attachments", ["forbidden_types", "forbidden_extensions"] + AttachmentLimits.keys.names()),
        ("receipts", ReceiptLimits.keys.names()),
        ("retention", Retention.keys.names()),
        ("log", ["level", "format"]),
        ("intake", ["sources"] + IntakeLimits.keys.names()),
        ("store", StoreLimits.keys.names()),
        ("http_client", HTTPClientLimits.keys.names()),
        ("mail_client", MailClientLimits.keys.names()),
        ("monitor", MonitorLimits.keys.names()),
        ("events", ["subscriptions"] + EventLimits.keys.names()),
    ]

    /// The names of a section's keys in earlier versions.
    static func formerKeys(of section: String) -> [String] {
        section == "dispatch" ? DispatchLimits.keys.compactMap(\.formerName) : []
    }

    /// All bounded keys with their minimum and maximum.
    static var bounds: [(section: String, key: String, least: String, most: String)] {
        func all<Target>(_ section: String, _ keys: [SettingsKey<Target>]) -> [(String, String, String, String)] {
            keys.map { (section, $0.name, $0.least, $0.most) }
        }
        return all("server", Server.keys) + all("server", HTTPLimits.keys) + all("dispatch", DispatchLimits.keys)
            + all("retry", RetryPolicy.keys) + all("health", ProviderHealthLimits.keys)
            + all("rendering", Rendering.keys) + all("rendering", RenderingLimits.keys)
            + all("attachments", AttachmentLimits.keys)
            + all("receipts", ReceiptLimits.keys) + all("retention", Retention.keys) + all("intake", IntakeLimits.keys)
            + all("store", StoreLimits.keys) + all("http_client", HTTPClientLimits.keys)
            + all("mail_client", MailClientLimits.keys) + all("monitor", MonitorLimits.keys)
            + all("events", EventLimits.keys)
    }

    /// Reads the keys that hold only bounded values.
    mutating func read(bounds sections: [String: SettingsSection]) throws(YAMLError) {
        try sections["server"]!.read(Server.keys, into: &server)
        try sections["server"]!.read(HTTPLimits.keys, into: &server.limits)
        try read(proxies: sections["server"]!)
        try sections["dispatch"]!.read(DispatchLimits.keys, into: &dispatch)
        try check(dispatch: sections["dispatch"]!)
        try sections["retry"]!.read(RetryPolicy.keys, into: &retry)
        try sections["health"]!.read(ProviderHealthLimits.keys, into: &health)
        try sections["rendering"]!.read(Rendering.keys, into: &rendering)
        try sections["rendering"]!.read(RenderingLimits.keys, into: &rendering.limits)
        try read(attachments: sections["attachments"]!)
        try sections["receipts"]!.read(ReceiptLimits.keys, into: &receipts)
        try sections["retention"]!.read(Retention.keys, into: &retention)
        try read(intake: sections["intake"]!)
        try sections["store"]!.read(StoreLimits.keys, into: &store)
        try sections["http_client"]!.read(HTTPClientLimits.keys, into: &httpClient)
        try sections["mail_client"]!.read(MailClientLimits.keys, into: &mailClient)
        try sections["monitor"]!.read(MonitorLimits.keys, into: &monitor)
        try read(events: sections["events"]!)
    }

    private mutating func read(intake section: SettingsSection) throws(YAMLError) {
        try section.read(IntakeLimits.keys, into: &intake)
        for entry in try section["sources"]?.mapping().entries ?? [] {
            sources.append(try IntakeSource(name: entry.key, entry.value, folder: section.folder(of: "sources")))
        }
    }

    private mutating func read(events section: SettingsSection) throws(YAMLError) {
        try section.read(EventLimits.keys, into: &events.limits)
        for entry in try section["subscriptions"]?.mapping().entries ?? [] {
            events.subscriptions.append(
                try EventSubscription(name: entry.key, entry.value, folder: section.folder(of: "subscriptions")))
        }
    }

    private mutating func read(proxies section: SettingsSection) throws(YAMLError) {
        for value in try section["proxies"]?.listOrOne ?? [] {
            let text = try value.string()
            guard let range = AddressRange(text) else {
                throw value.error(
                    "\"server.proxies\" holds \"\(text)\", which is neither an address nor a range",
                    help: "write 10.0.0.5, 10.0.0.0/24 or 2001:db8::/64")
            }
            server.limits.proxies.append(range)
        }
    }

    private mutating func read(attachments section: SettingsSection) throws(YAMLError) {
        try section.read(AttachmentLimits.keys, into: &intake.attachments)
        if let value = try section["forbidden_types"] {
            intake.attachments.forbiddenTypes = []
            for entry in value.listOrOne {
                let type = try entry.string().lowercased()
                if let problem = AttachmentRule.problem(inContentType: type) {
                    throw entry.error("\"attachments.forbidden_types\" holds \"\(type)\", which \(problem)")
                }
                intake.attachments.forbiddenTypes.insert(type)
            }
        }
        if let value = try section["forbidden_extensions"] {
            intake.attachments.forbiddenExtensions = []
            for entry in value.listOrOne {
                let name = try entry.string().lowercased()
                intake.attachments.forbiddenExtensions.insert(name.hasPrefix(".") ? String(name.dropFirst()) : name)
            }
        }
    }

    mutating func read(places dataSection: SettingsSection, _ section: SettingsSection) throws(YAMLError) {
        try dataSection.read(path: "directory", into: &data.directory)
        try section.read(path: "templates", into: &paths.templates)
        try section.read(paths: "template_links", into: &paths.templateLinks)
        try section.read(path: "providers", into: &paths.providers)
        try section.read(path: "policy", into: &paths.policy)
    }

    mutating func read(sender section: SettingsSection, links linkSection: SettingsSection) throws(YAMLError) {
        try section.read("reply_to", into: &sender.replyTo)
        for channel in Channel.allCases where channel.sender != nil {
            try section.read(channel.description, into: &sender[channel])
        }
        try linkSection.read("public_url", into: &links.publicURL)
        while links.publicURL.hasSuffix("/") { links.publicURL.removeLast() }
        guard links.publicURL.hasPrefix("https://") || links.publicURL.hasPrefix("http://") else {
            throw Self.error(
                try linkSection["public_url"], "\"links.public_url\" must be an http or https address",
                help: "write it in full, such as https://mail.example.com")
        }
        try linkSection.read("preferences_url", into: &links.preferencesURL)
        if let value = try linkSection["secret"] {
            links.secret = try Self.secret(value, "links.secret").resolved(from: linkSection.folder(of: "secret"))
        }
        for value in try linkSection["previous_secrets"]?.listOrOne ?? [] {
            let reference = try Self.secret(value, "links.previous_secrets")
            links.previousSecrets.append(reference.resolved(from: linkSection.folder(of: "previous_secrets")))
        }
    }

    private static func secret(_ value: YAMLValue, _ name: String) throws(YAMLError) -> SecretReference {
        guard let reference = SecretReference(try value.string()) else {
            throw value.error(
                "\"\(name)\" is not a reference",
                help: "write env:NAME or file:PATH; credentials do not belong in configuration files")
        }
        return reference
    }

    /// Schemes that run what they hold, wherever they are opened.
    private static let runningSchemes = ["javascript", "data", "vbscript", "file", "blob"]

    private static func scheme(_ value: YAMLValue) throws(YAMLError) -> String {
        let name = try value.string().lowercased()
        let isScheme =
            name.utf8.first.map { $0 &- 0x61 < 26 } == true
            && name.utf8.allSatisfy { $0 &- 0x61 < 26 || $0 &- 0x30 < 10 || "+-.".utf8.contains($0) }
        guard isScheme else {
            throw value.error(
                "\"rendering.link_schemes\" holds \"\(name)\", which is not a scheme",
                help: "write it without colon and slashes, such as https")
        }
        guard !runningSchemes.contains(name) else {
            throw value.error(
                "\"rendering.link_schemes\" may not hold \"\(name)\"",
                help: "such addresses run or read what a stranger wrote; remove it")
        }
        return name
    }

    private func check(dispatch section: SettingsSection) throws(YAMLError) {
        // The position of whichever of the two keys is set.
        func place(_ first: String, _ second: String) throws(YAMLError) -> YAMLValue? {
            if let value = try section[first] { return value }
            return try section[second]
        }
        guard dispatch.lease >= dispatch.attemptTimeout + dispatch.guardTime + .seconds(10) else {
            throw Self.error(
                try place("lease", "attempt_timeout"),
                "\"dispatch.lease\" must be at least \"attempt_timeout\" + \"guard_time\" + 10 s",
                help: "raise the lease or lower the timeout; otherwise a slow call could be mistaken for a lost one")
        }
        guard dispatch.reserveAhead <= dispatch.maxWait else {
            throw Self.error(
                try place("reserve_ahead", "max_wait"), "\"dispatch.max_wait\" must be at least \"reserve_ahead\"",
                help: "raise max_wait; otherwise calls begin before their place under the provider's rate")
        }
    }

    mutating func read(rendering section: SettingsSection, log logSection: SettingsSection) throws(YAMLError) {
        try section.read("undefined", into: &rendering.undefined)
        if let value = try section["link_schemes"] {
            rendering.linkSchemes = []
            for entry in value.listOrOne { rendering.linkSchemes.append(try Self.scheme(entry)) }
        }
        try logSection.read("level", into: &log.level)
        try logSection.read("format", into: &log.format)
    }

    private static func error(_ value: YAMLValue?, _ message: String, help: String) -> YAMLError {
        value?.error(message, help: help)
            ?? YAMLError(file: "settings", line: 0, column: 0, message: message, help: help)
    }
}
