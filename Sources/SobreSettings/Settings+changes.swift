import SobreModel

/// How one key of the settings is compared and taken over.
private struct ComparedKey: Sendable {
    let name: String
    let isLive: Bool
    let isSame: @Sendable (Settings, Settings) -> Bool
    let copy: @Sendable (_ source: Settings, _ target: inout Settings) -> Void

    init<Value: Equatable & SendableMetatype>(
        _ name: String, _ path: any WritableKeyPath<Settings, Value> & Sendable, isLive: Bool = false
    ) {
        self.name = name
        self.isLive = isLive
        isSame = { $0[keyPath: path] == $1[keyPath: path] }
        copy = { $1[keyPath: path] = $0[keyPath: path] }
    }

    init<Target>(
        _ section: String, _ path: any WritableKeyPath<Settings, Target> & Sendable, _ key: SettingsKey<Target>,
        isLive: Bool
    ) {
        name = "\(section).\(key.name)"
        self.isLive = isLive
        isSame = { key.isSame($0[keyPath: path], $1[keyPath: path]) }
        copy = { key.copy($0[keyPath: path], &$1[keyPath: path]) }
    }

    /// All keys of a section's list.
    static func all<Target>(
        _ section: String, _ path: any WritableKeyPath<Settings, Target> & Sendable, _ keys: [SettingsKey<Target>],
        isLive: Bool = false, except: Set<String> = []
    ) -> [ComparedKey] {
        keys.map { ComparedKey(section, path, $0, isLive: isLive && !except.contains($0.name)) }
    }
}

extension Settings {
    /// The keys in the order of `Config/sobre.yaml`. A live one is put in force by a reload.
    private static let comparedKeys: [ComparedKey] = places + bounded

    private static let places: [ComparedKey] =
        [
            ComparedKey("data.directory", \.data.directory),
            ComparedKey("paths.templates", \.paths.templates),
            ComparedKey("paths.template_links", \.paths.templateLinks),
            ComparedKey("paths.providers", \.paths.providers, isLive: true),
            ComparedKey("paths.policy", \.paths.policy, isLive: true),
            ComparedKey("server.host", \.server.host),
            ComparedKey("server.proxies", \.server.limits.proxies),
            ComparedKey("sender.reply_to", \.sender.replyTo, isLive: true),
        ]
        + Channel.allCases.filter { $0.sender != nil }.map { channel in
            ComparedKey("sender.\(channel)", \.sender[channel], isLive: true)
        } + [
            ComparedKey("links.public_url", \.links.publicURL),
            ComparedKey("links.preferences_url", \.links.preferencesURL),
            ComparedKey("links.secret", \.links.secret),
            ComparedKey("links.previous_secrets", \.links.previousSecrets),
            ComparedKey("rendering.undefined", \.rendering.undefined, isLive: true),
            ComparedKey("rendering.link_schemes", \.rendering.linkSchemes, isLive: true),
            ComparedKey("attachments.forbidden_types", \.intake.attachments.forbiddenTypes),
            ComparedKey("attachments.forbidden_extensions", \.intake.attachments.forbiddenExtensions),
            ComparedKey("log.level", \.log.level, isLive: true),
            ComparedKey("log.format", \.log.format),
            ComparedKey("intake.sources", \.sources),
            ComparedKey("events.subscriptions", \.events.subscriptions),
        ]

    private static let bounded: [ComparedKey] =
        ComparedKey.all("server", \.server, Server.keys)
        + ComparedKey.all("server", \.server.limits, HTTPLimits.keys)
        + ComparedKey.all("dispatch", \.dispatch, DispatchLimits.keys)
        + ComparedKey.all("retry", \.retry, RetryPolicy.keys, isLive: true)
        + ComparedKey.all("health", \.health, ProviderHealthLimits.keys, isLive: true)
        + ComparedKey.all("rendering", \.rendering, Rendering.keys, isLive: true)
        + ComparedKey.all(
            "rendering", \.rendering.limits, RenderingLimits.keys, isLive: true, except: ["threads"])
        + ComparedKey.all("attachments", \.intake.attachments, AttachmentLimits.keys)
        + ComparedKey.all("receipts", \.receipts, ReceiptLimits.keys)
        + ComparedKey.all("retention", \.retention, Retention.keys, isLive: true)
        + ComparedKey.all("intake", \.intake, IntakeLimits.keys)
        + ComparedKey.all("store", \.store, StoreLimits.keys)
        + ComparedKey.all("http_client", \.httpClient, HTTPClientLimits.keys)
        + ComparedKey.all("mail_client", \.mailClient, MailClientLimits.keys)
        + ComparedKey.all("events", \.events.limits, EventLimits.keys)
        + ComparedKey.all("monitor", \.monitor, MonitorLimits.keys, isLive: true)

    /// The names of the keys that a reload puts in force, and of those that need a restart.
    static var keysByReload: SettingsChanges {
        SettingsChanges(
            live: comparedKeys.filter(\.isLive).map(\.name), restart: comparedKeys.filter { !$0.isLive }.map(\.name))
    }

    /// What another reading of the settings changes.
    ///
    /// - Parameter other: the newer reading.
    /// - Returns: the changed keys, providers and routes by name.
    public func changes(to other: Settings) -> SettingsChanges {
        var changes = SettingsChanges()
        for key in Self.comparedKeys where !key.isSame(self, other) {
            if key.isLive { changes.live.append(key.name) } else { changes.restart.append(key.name) }
        }
        let before = Dictionary(providers.map { ($0.name, $0) }) { $1 }
        let after = Dictionary(other.providers.map { ($0.name, $0) }) { $1 }
        for name in Set(before.keys).union(after.keys).sorted() where !isSame(before[name], after[name], other) {
            changes.live.append("providers.\(name)")
        }
        // Without a route, their order says who comes first.
        let kept = providers.map(\.name).filter { after[$0] != nil }
        if kept != other.providers.map(\.name).filter({ before[$0] != nil }) {
            changes.live.append("the order of the providers")
        }
        for channel in Channel.allCases where routes[channel] != other.routes[channel] {
            changes.live.append("routes.\(channel)")
        }
        return changes
    }

    /// Whether a provider is the same in another reading. The section `health` counts for itself.
    private func isSame(_ before: ProviderInstance?, _ after: ProviderInstance?, _ other: Settings) -> Bool {
        guard var before, let after else { return false }
        if before.health == health, after.health == other.health { before.health = after.health }
        return before == after
    }

    /// These settings with everything from another reading that needs no restart.
    ///
    /// - Parameter other: the newer reading.
    /// - Returns: the settings that a server which began with these has after a reload.
    public func adoptingLive(of other: Settings) -> Settings {
        var settings = self
        for key in Self.comparedKeys where key.isLive { key.copy(other, &settings) }
        settings.providers = other.providers
        settings.routes = other.routes
        return settings
    }
}
