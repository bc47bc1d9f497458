public import SobreModel
internal import Text
public import YAMLDocument

/// One configured provider: a type with its settings, under the name that routes use.
///
/// ```yaml
/// providers:
///   twilio-eu:
///     type: twilio                       # a manifest's name, or smtp, file, web-push
///     settings: {from: "+3225550100"}
///     secrets: {account_sid: env:TWILIO_SID, auth_token: file:/run/secrets/twilio}
///     limits: {rate: 50/s, concurrency: 32}
///     health: {failures: 3, pause: 5m}
///     answers: [{match: "under review", pause: 15m}]
///     senders: [{to: US, from: "+12025550100"}]
/// ```
public struct ProviderInstance: Hashable, Sendable {
    /// The types without a manifest.
    public static let builtInTypes = ["file", "smtp", "web-push"]

    /// The name in routes and logs. It has up to 64 letters, digits, `-`, `_` and `.`.
    public var name: String
    /// One of ``builtInTypes``, or the name of a manifest.
    public var type: String
    /// The channel that it serves; nil for the only channel of its type.
    public var channel: Channel?
    /// Settings by name.
    public var settings: [String: String]
    /// References to credentials by name.
    public var secrets: [String: SecretReference]
    /// Limits that override the manifest's.
    public var limits: ProviderLimits
    /// When calls are paused: the section `health` of the settings with the instance's overrides.
    public var health: ProviderHealthLimits
    /// The Standard Webhooks secret with which the provider signs receipts; nil if it signs in its own way or not at
    /// all.
    public var receiptSecret: SecretReference?
    /// What texts in its refusals mean, by the operator's word. The first match counts.
    public var answers: [AnswerRule] = []
    /// From which sender SMS go to which country; the template's sender where no rule is for it.
    public var senders: [SenderRule] = []

    public init(
        name: String, type: String, channel: Channel? = nil, settings: [String: String] = [:],
        secrets: [String: SecretReference] = [:], limits: ProviderLimits = ProviderLimits(),
        health: ProviderHealthLimits = ProviderHealthLimits(), receiptSecret: SecretReference? = nil
    ) {
        self.name = name
        self.type = type
        self.channel = channel
        self.settings = settings
        self.secrets = secrets
        self.limits = limits
        self.health = health
        self.receiptSecret = receiptSecret
    }

    /// Reads one provider's mapping. `health` is the default for providers without their own.
    ///
    /// - Throws: `YAMLError` with the position of the invalid value. A literal credential is rejected without being
    ///   shown.
    public init(name: String, _ value: YAMLValue, health: ProviderHealthLimits = ProviderHealthLimits())
        throws(YAMLError)
    {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: [
            "type", "channel", "settings", "secrets", "limits", "health", "receipts", "answers", "senders",
        ])
        self.name = name
        type = try mapping.string("type", default: name)
        channel = try mapping.read("channel") { value throws(YAMLError) in
            let text = try value.string()
            guard let channel = Channel(name: text) else {
                throw value.unknownName(text, known: Channel.names)
            }
            return channel
        }
        settings = [:]
        for entry in try mapping.mapping(ifPresent: "settings")?.entries ?? [] where !entry.value.isNull {
            settings[entry.key] = try entry.value.string()
        }
        secrets = [:]
        for entry in try mapping.mapping(ifPresent: "secrets")?.entries ?? [] where !entry.value.isNull {
            secrets[entry.key] = try Self.reference(
                entry.value, line: entry.line, column: entry.column, name: entry.key)
        }
        if let receipts = try mapping.mapping(ifPresent: "receipts") {
            try receipts.checkKeys(known: ["secret"])
            for entry in receipts.entries where !entry.value.isNull {
                receiptSecret = try Self.reference(
                    entry.value, line: entry.line, column: entry.column, name: "receipts.secret")
            }
        }
        limits = try mapping.read("limits") { value throws(YAMLError) in try ProviderLimits(value) } ?? ProviderLimits()
        self.health = health
        if let own = try mapping.mapping(ifPresent: "health") {
            try own.checkKeys(known: ProviderHealthLimits.keys.names())
            for key in ProviderHealthLimits.keys {
                if let value = own[key.name] { try key.read(value, &self.health) }
            }
        }
        for rule in try mapping.list("senders") { senders.append(try SenderRule(rule)) }
        for rule in try mapping.list("answers") {
            answers.append(try AnswerRule(rule, most: self.health.retryAfterMax))
        }
    }

    /// Reads a reference to a credential. A literal credential is rejected without being shown.
    private static func reference(
        _ value: YAMLValue, line: Int, column: Int, name: String
    ) throws(YAMLError) -> SecretReference {
        if let reference = SecretReference(try value.string()) { return reference }
        throw YAMLError(
            file: value.source.file, line: line, column: column, message: "the secret \"\(name)\" is not a reference",
            help: "write env:NAME or file:PATH; credentials do not belong in configuration files")
    }

    /// Reads a mapping of providers by name, in the order of the file.
    ///
    /// - Throws: `YAMLError` with the position of the invalid value.
    public static func parseAll(
        _ value: YAMLValue, health: ProviderHealthLimits = ProviderHealthLimits()
    ) throws(YAMLError) -> [ProviderInstance] {
        var instances: [ProviderInstance] = []
        for entry in try value.mapping().entries {
            let isName =
                !entry.key.isEmpty && entry.key.utf8.count <= 64
                && entry.key.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_.".utf8.contains($0) }
            guard isName else {
                throw entry.value.error(
                    "\"\(entry.key)\" is not a provider's name", help: "use up to 64 letters, digits, -, _ and .")
            }
            instances.append(try ProviderInstance(name: entry.key, entry.value, health: health))
        }
        return instances
    }
}
