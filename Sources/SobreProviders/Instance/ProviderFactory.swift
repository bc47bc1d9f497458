public import SobreDelivery
public import SobreModel
public import SobreSettings
internal import Text
internal import YAMLDocument

/// Creates providers from their configuration.
public struct ProviderFactory: Sendable {
    private let manifests: [String: Manifest]
    let secrets: SecretSource
    let time: any TimeSource
    /// The senders of the settings, by channel: for messages whose template names none.
    private let senders: [Channel: String]

    /// - Parameters:
    ///   - manifests: the available manifests. If two have the same name, the later one wins.
    ///   - secrets: resolves references to credentials.
    ///   - time: for signature timestamps and token lifetimes; real time, even if the dispatcher's is virtual.
    ///   - senders: by channel the address of messages whose template names no sender. A provider that refuses it
    ///     refuses every message, and one that refuses another refuses that template's.
    public init(
        manifests: [Manifest], secrets: SecretSource = .process, time: any TimeSource = SystemTime(),
        senders: [Channel: String] = [:]
    ) {
        self.manifests = Dictionary(manifests.map { ($0.name, $0) }) { _, later in later }
        self.secrets = secrets
        self.time = time
        self.senders = senders
    }

    /// A provider that is ready to use, with its limits.
    public struct Product: Sendable {
        public let provider: any Provider
        /// The instance's limits if it has any, else the manifest's.
        public let limits: ProviderLimits
        /// What an operator should know of the settings, in a sentence; nil: nothing.
        public var note: String?
    }

    func manifest(_ name: String) -> Manifest? { manifests[name] }

    /// The types that an instance can have.
    public var types: [String] { manifests.keys.sorted() + ProviderInstance.builtInTypes }

    /// Creates one provider.
    ///
    /// - Throws: ``ProviderError`` that names the setting, variable or file. The caller then holds the provider's
    ///   messages.
    public func make(_ instance: ProviderInstance) throws(ProviderError) -> Product {
        var product = try plain(instance)
        if !instance.senders.isEmpty {
            let provider = try SenderProvider(
                product.provider, rules: instance.senders, usual: instance.settings["from"])
            product = Product(provider: provider, limits: product.limits, note: product.note)
        }
        guard !instance.answers.isEmpty else { return product }
        return Product(
            provider: try RuledProvider(product.provider, rules: instance.answers), limits: product.limits,
            note: product.note)
    }

    /// The provider without the operator's rules for its answers.
    func plain(_ instance: ProviderInstance) throws(ProviderError) -> Product {
        if instance.type == "smtp" {
            let settings = try SMTPSettings(instance, secrets: secrets)
            let provider = try settings.provider(settingsSender: senders[MailBuilder.channel], time: time)
            return Product(provider: provider, limits: instance.limits, note: settings.note)
        }
        if instance.type == "file" {
            return Product(provider: try FileSettings(instance: instance).provider(), limits: instance.limits)
        }
        if instance.type == "web-push" {
            let settings = WebPushSettings(instance: instance, source: secrets, time: time)
            return Product(provider: try settings.provider(), limits: instance.limits)
        }
        guard let manifest = manifests[instance.type] else {
            throw .unknownType(
                instance: instance.name, type: instance.type, known: types,
                suggestion: Suggestion.closest(to: instance.type, among: types))
        }
        let limits = instance.limits.over(manifest.limits)
        let channel = try Self.channel(of: instance, manifest)
        let provider = ManifestProvider(
            name: instance.name, channel: channel, manifest: manifest,
            binding: try ManifestBinding(manifest, instance, secrets: secrets, time: time), time: time,
            timeout: limits.timeout, settingsSender: senders[channel])
        return Product(provider: provider, limits: limits)
    }

    static func channel(of instance: ProviderInstance, _ manifest: Manifest) throws(ProviderError) -> Channel {
        let names = manifest.channels.sorted().map(\.description).joined(separator: ", ")
        if let channel = instance.channel {
            guard manifest.channels.contains(channel) else {
                throw .channel(instance: instance.name, problem: "\(manifest.name) serves \(names), not \(channel)")
            }
            return channel
        }
        guard manifest.channels.count == 1, let only = manifest.channels.first else {
            throw .channel(
                instance: instance.name, problem: "\(manifest.name) serves \(names); add channel: with one of them")
        }
        return only
    }
}
