internal import JSON
internal import Signing
internal import SobreDelivery
internal import SobreModel
import SobreSettings
internal import Text
internal import YAMLDocument

/// A manifest with an instance's settings: everything about a request that does not depend on the message.
struct ManifestBinding: Sendable, Redacted {
    /// Settings that the instance of any manifest may have.
    static let commonSettings = ["endpoint", "callback_url", "trace_headers"]

    let instance: String
    /// The values of the manifest's slots.
    let values: [[UInt8]?]
    /// The callback URL up to our reference.
    private let callbackPrefix: String?
    private(set) var mail = MailBuilder()
    /// The URL up to the path.
    private(set) var endpoint = ""
    /// The whole URL, where it is the same for every message.
    private(set) var constantURL: String?
    /// The manifest's headers; those that are the same for every message have their value already.
    private(set) var headers: [BoundHeader] = []
    private(set) var hasTraceHeaders = false
    private(set) var credential = ManifestCredential.none
    private(set) var signingKey: HMACKey?
    private(set) var clientCertificate: ClientCertificate?
    /// The largest request body in bytes.
    private(set) var maxPayload: Int?
    /// The instance's secrets, and the forms in which requests contain them: providers repeat them in their errors, and
    /// no log may.
    private var secrets: [String]

    init(
        _ manifest: Manifest, _ instance: ProviderInstance, secrets: SecretSource, time: any TimeSource
    ) throws(ProviderError) {
        self.instance = instance.name
        let reader = SettingReader(manifest: manifest, instance: instance, secrets: secrets)
        try reader.checkNames()
        values = try reader.slotValues()
        let secretNames = Set(manifest.settings.filter(\.isSecret).map(\.name))
        self.secrets = zip(manifest.slots, values).compactMap { slot, value in
            guard secretNames.contains(slot.name), let value, value.count >= Self.minMaskedBytes else { return nil }
            return String(decoding: value, as: UTF8.self)
        }
        mail.maxBytes = manifest.capabilities.maxBytes ?? MailBuilder.defaultMaxBytes
        if let url = instance.settings["callback_url"] {
            if let problem = ProviderURL.problem(in: url) { throw reader.bad("callback_url", problem) }
            callbackPrefix = url + (url.contains("?") ? "&" : "?") + "sobre_id="
        } else {
            callbackPrefix = nil
        }
        try bindEndpoint(manifest, instance, reader)
        clientCertificate = try clientCertificate(of: manifest, reader)
        bindConstants(manifest)
        maxPayload = manifest.capabilities.maxPayload
        if let limit = manifest.payloadLimit.flatMap({ text(of: $0) }) {
            guard let bytes = Int(limit), bytes > 0 else {
                throw reader.bad("max_payload", "\"\(limit)\" is not a number of bytes")
            }
            maxPayload = bytes
        }
        credential = try credential(of: manifest, instance, reader, time: time)
        self.secrets += credentialTexts(of: manifest).filter { $0.utf8.count >= Self.minMaskedBytes }
        if let template = manifest.signingSecret, let secret = text(of: template) {
            guard let key = StandardWebhooks.key(of: secret) else {
                throw reader.bad("signing secret", StandardWebhooks.secretProblem)
            }
            signingKey = key
        }
    }

    /// A shorter secret is no secret, and would take other words with it.
    private static let minMaskedBytes = 6

    /// The words of the credential that stands in requests. The code of Basic authentication is the user and the password
    /// in another form.
    private func credentialTexts(of manifest: Manifest) -> [String] {
        if case .oauth2Client(let plan) = manifest.auth, let id = text(of: plan.clientID),
            let secret = text(of: plan.clientSecret)
        {
            return [BasicCredentials.code(user: id, password: secret)]
        }
        guard case .header(_, let value) = credential else { return [] }
        return value.split(separator: " ").map(String.init)
    }

    /// A provider's words without the instance's secrets and without the request's access token.
    func masked(_ text: String, token: String?) -> String {
        var text = text
        if let token, token.utf8.count >= Self.minMaskedBytes { text.replace(token, with: "…") }
        for secret in secrets where text.contains(secret) { text.replace(secret, with: "…") }
        return text
    }

    func callback(for delivery: DeliveryID) -> String? { callbackPrefix.map { $0 + delivery.description } }

    /// A text that uses only settings; nil if one of them is not set.
    func text(of template: Template) -> String? {
        bytes(of: template).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a text that uses only settings; nil if one of them is not set.
    func bytes(of template: Template) -> [UInt8]? {
        RequestEvaluator(outbound: .placeholder, binding: self, now: .epoch).bytes(of: template)
    }

    /// Evaluates what does not depend on the message once.
    private mutating func bindConstants(_ manifest: Manifest) {
        let evaluator = RequestEvaluator(outbound: .placeholder, binding: self, now: .epoch)
        let request = manifest.request
        if request.path.isConstant, request.query.allSatisfy({ $0.value.isConstant }) {
            constantURL = evaluator.url(of: request)
        }
        var all = request.headers
        if case .key(let key) = manifest.idempotency, let header = key.header { all.append(header) }
        headers = all.compactMap { name, template in
            guard template.isConstant else { return .evaluated(name, template) }
            guard let value = evaluator.bytes(of: template) else { return nil }
            // An invalid one is reported with the message.
            return HeaderText.isValid(value)
                ? .constant(name, String(decoding: value, as: UTF8.self)) : .evaluated(name, template)
        }
    }

    private mutating func bindEndpoint(
        _ manifest: Manifest, _ instance: ProviderInstance, _ reader: SettingReader
    ) throws(ProviderError) {
        guard var url = instance.settings["endpoint"] ?? text(of: manifest.endpoint) else {
            throw .missingSetting(instance: self.instance, name: "endpoint", isSecret: false)
        }
        if let problem = ProviderURL.problem(in: url) { throw reader.bad("endpoint", problem) }
        if !manifest.request.path.parts.isEmpty {
            if url.contains("?") { throw reader.bad("endpoint", "it has a query; give the address alone") }
            while url.hasSuffix("/") { url.removeLast() }
        }
        endpoint = url
        hasTraceHeaders = try reader.flag("trace_headers") ?? ProviderURL.isLoopback(url: url)
    }
}

extension OutboundMessage {
    /// Used when there is no message yet.
    static let placeholder = placeholder(for: .sms(SMSContent(text: "")))

    static func placeholder(for content: RenderedMessage) -> OutboundMessage {
        OutboundMessage(
            delivery: DeliveryID(rawValue: 0), attempt: 1, address: Address(channel: content.channel, value: ""),
            content: content, recipient: "", campaign: nil, category: "", possibleDuplicate: false, admittedAt: .epoch,
            timeout: .seconds(1))
    }
}
