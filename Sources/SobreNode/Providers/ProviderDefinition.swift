import SobreModel
import SobreProviders
import SobreSettings
import Text

/// Everything that makes one provider what it is, apart from its limits: two providers of one definition send the same
/// requests. It holds credentials.
struct ProviderDefinition: Hashable, Sendable, Redacted {
    private let instance: ProviderInstance
    /// The file with its manifest; nil for a built-in type.
    private let manifest: String?
    /// The addresses of messages without a sender of their own.
    private let senders: [Channel: String]
    /// The credentials, by the names of the instance; nil: it is missing.
    private let secrets: [String: Secret?]
    private let receiptSecret: Secret?

    init(_ instance: ProviderInstance, manifest: String?, senders: [Channel: String], secrets source: SecretSource) {
        var plain = instance
        // The router knows these.
        plain.limits = ProviderLimits(timeout: instance.limits.timeout)
        plain.health = ProviderHealthLimits()
        self.instance = plain
        self.manifest = manifest
        self.senders = senders
        func value(_ name: String, _ reference: SecretReference) -> Secret? {
            try? source.resolve(reference, name: name, instance: instance.name)
        }
        secrets = Dictionary(
            uniqueKeysWithValues: instance.secrets.map { name, reference in (name, value(name, reference)) })
        receiptSecret = instance.receiptSecret.flatMap { value("receipts.secret", $0) }
    }
}
