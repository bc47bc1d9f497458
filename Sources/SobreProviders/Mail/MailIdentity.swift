internal import Signing
internal import SobreDelivery
public import SobreModel
public import SobreSettings
internal import Text

/// As whom a provider of email sends: what receivers look for in DNS.
public struct MailIdentity: Sendable {
    /// A key that signs emails.
    public struct Key: Sendable {
        private let key: DKIMKey

        init(_ key: DKIMKey) { self.key = key }

        /// Where its public half is published: `SELECTOR._domainkey.DOMAIN`.
        public var recordName: String { key.recordName }

        /// What is wrong with a published key, or nil.
        ///
        /// - Parameters:
        ///   - type: the record's `k`.
        ///   - publicKey: the record's `p`, without white space.
        /// - Returns: a sentence without its end; nil when it is the public half of the key that signs.
        public func problem(type: String, publicKey: String) -> String? {
            let expected = key.algorithm == .eddsa ? "ed25519" : "rsa"
            guard type == expected else { return "k=\(type), but the key that signs is \(expected)" }
            guard let bytes = try? Base64.decode(publicKey), !bytes.isEmpty else { return "p= is not base64" }
            return key.isPrivateHalf(ofRecord: bytes)
                ? nil : "p= is another key than the one that signs; publish the public half of that one"
        }
    }

    /// The domains of the From addresses, in ASCII, sorted.
    public let fromDomains: [String]
    /// The domains of the envelope's sender, for which SPF is checked.
    public let envelopeDomains: [String]
    /// The keys that sign, in the order of their names.
    public let keys: [Key]
    /// Whether the provider is a relay, which sends as the domain itself. A service sends as itself.
    public let isRelay: Bool

    init(fromDomains: [String], envelopeDomains: [String], keys: [Key], isRelay: Bool) {
        self.fromDomains = fromDomains
        self.envelopeDomains = envelopeDomains
        self.keys = keys
        self.isRelay = isRelay
    }
}

extension ProviderFactory {
    /// As whom a configured provider sends; nil when it does not send email.
    ///
    /// - Parameters:
    ///   - instance: the provider.
    ///   - senders: the From addresses of templates and settings.
    /// - Returns: the domains and keys.
    /// - Throws: ``ProviderError`` when the provider cannot be set up.
    public func mailIdentity(
        of instance: ProviderInstance, senders: [String]
    ) throws(ProviderError) -> MailIdentity? {
        let provider = try plain(instance).provider
        guard provider.channel == MailBuilder.channel else { return nil }
        let relay = provider as? SMTPProvider
        let own = relay?.builder.defaultFrom.map { [$0.address] } ?? []
        let from = Self.domains(of: senders + own)
        let envelope = relay?.returnPath.map { Self.domains(of: [$0.address]) } ?? from
        let keys = relay?.builder.signer?.allKeys.map(MailIdentity.Key.init) ?? []
        return MailIdentity(fromDomains: from, envelopeDomains: envelope, keys: keys, isRelay: relay != nil)
    }

    private static func domains(of addresses: [String]) -> [String] {
        let domains = addresses.compactMap { address -> String? in
            let wire = MailAddressGrammar.wire(address)
            guard let at = wire.lastIndex(of: "@") else { return nil }
            return wire[wire.index(after: at)...].lowercased()
        }
        return Set(domains).sorted()
    }
}
