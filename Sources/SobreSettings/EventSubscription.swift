public import SobreModel
internal import Text
public import YAMLDocument

/// One configured subscription to events: where they are sent, how they are signed and which they are.
///
/// ```yaml
/// events:
///   subscriptions:
///     warehouse:
///       url: https://warehouse.example.com/sobre
///       secret: env:WAREHOUSE_SECRET
///       previous_secrets: [file:/etc/sobre/old-secret]
///       events: [sent, delivered, bounced]
///       campaign: [spring-sale, win-back]
///       addresses: true
///       from: start
/// ```
public struct EventSubscription: Hashable, Sendable {
    /// Where a subscription begins that is new.
    public enum Beginning: String, CaseIterable, Sendable {
        /// With what happens from then on.
        case now
        /// With the oldest event that is kept.
        case start
    }

    /// Up to 64 letters, digits, `-`, `_` and `.`.
    public var name: String
    public var url: String
    /// The Standard Webhooks secret that signs.
    public var secret: SecretReference
    /// Secrets that sign too, while receivers change to the new one.
    public var previousSecrets: [SecretReference] = []
    /// The states that are events of this subscription; empty: all.
    public var events: Set<DeliveryState> = []
    // Each of these: empty: all.
    public var campaigns: Set<String> = []
    public var categories: Set<String> = []
    public var templates: Set<String> = []
    public var providers: Set<String> = []
    public var channels: Set<Channel> = []
    /// Whether events have the address to which the delivery went.
    public var includesAddresses = false
    public var beginning = Beginning.now

    static let keys = [
        "url", "secret", "previous_secrets", "events", "campaign", "category", "template", "provider", "channel",
        "addresses", "from",
    ]

    /// Reads one subscription.
    ///
    /// - Parameters:
    ///   - name: its name.
    ///   - value: its mapping.
    ///   - folder: the folder to which relative paths of secrets are resolved.
    /// - Throws: `YAMLError` with the position of the invalid value. A literal credential is rejected without being
    ///   shown.
    public init(name: String, _ value: YAMLValue, folder: String) throws(YAMLError) {
        guard Self.isName(name) else {
            throw value.error(
                "\"\(name)\" is not a subscription's name", help: "use up to 64 letters, digits, -, _ and .")
        }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: Self.keys)
        self.name = name
        guard let url = mapping["url"], let secret = mapping["secret"] else {
            throw value.error(
                "the subscription \"\(name)\" needs a url and a secret",
                help: "write url: https://… and secret: env:NAME or file:PATH")
        }
        self.url = try url.string()
        self.secret = try Self.reference(secret, folder)
        for entry in try mapping["previous_secrets"]?.listOrOne ?? [] {
            previousSecrets.append(try Self.reference(entry, folder))
        }
        campaigns = try Self.names(mapping["campaign"])
        categories = try Self.names(mapping["category"])
        templates = try Self.names(mapping["template"])
        providers = try Self.names(mapping["provider"])
        for entry in try mapping["events"]?.listOrOne ?? [] {
            let text = try entry.string()
            guard let state = DeliveryState(name: text) else {
                throw entry.unknownName(text, known: DeliveryState.allCases.map(\.description))
            }
            events.insert(state)
        }
        for entry in try mapping["channel"]?.listOrOne ?? [] {
            let text = try entry.string()
            guard let channel = Channel(name: text) else { throw entry.unknownName(text, known: Channel.names) }
            channels.insert(channel)
        }
        if let value = mapping["addresses"] { includesAddresses = try value.bool() }
        if let value = mapping["from"] { beginning = try value.choice() }
    }

    /// Whether a text can name a subscription.
    public static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_.".utf8.contains($0) }
    }

    private static func names(_ value: YAMLValue?) throws(YAMLError) -> Set<String> {
        var names: Set<String> = []
        for entry in try value?.listOrOne ?? [] { names.insert(try entry.string()) }
        return names
    }

    private static func reference(_ value: YAMLValue, _ folder: String) throws(YAMLError) -> SecretReference {
        if let reference = SecretReference(try value.string()) { return reference.resolved(from: folder) }
        // Without the line of the file, which shows the credential.
        throw YAMLError(
            file: value.source.file, line: value.line, column: value.column,
            message: "the secret of a subscription is not a reference",
            help: "write env:NAME or file:PATH; credentials do not belong in configuration files")
    }
}

extension Settings {
    /// Webhooks: their bounds, and who gets which events.
    public struct Events: Sendable, Hashable {
        public var limits = EventLimits()
        /// In the order of the file.
        public var subscriptions: [EventSubscription] = []

        /// The defaults: no subscription.
        public init() {}
    }
}
