internal import Signing
public import SobreModel
public import SobreSettings
public import Text

/// Where webhooks go, and how they are signed: Standard Webhooks 1.0, with one signature for each secret.
public struct WebhookEndpoint: Sendable, Redacted {
    /// https, or http to this machine, without user name or fragment.
    public let url: String
    private let keys: [HMACKey]

    /// - Parameters:
    ///   - url: the receiver.
    ///   - secrets: the new secret first. Further ones sign too, while receivers change to it.
    ///   - source: has the secrets.
    ///   - owner: what the endpoint belongs to, for errors.
    /// - Throws: ``SettingsError`` that says what is wrong with the URL or a secret, and what to do.
    public init(
        url: String, secrets: [SecretReference], from source: SecretSource, of owner: String
    ) throws(SettingsError) {
        if let problem = ProviderURL.problem(in: url) {
            throw SettingsError("\(owner): the url is invalid: \(problem).")
        }
        self.url = url
        var keys: [HMACKey] = []
        for reference in secrets {
            let text: String?
            switch reference {
            case .environment(let name): text = source.environment(name)
            case .file(let path): text = source.file(path)
            }
            guard let text, !text.isEmpty else {
                throw SettingsError("\(owner): the secret \(reference) has no value. Set it, or name another.")
            }
            guard let key = StandardWebhooks.key(of: text) else {
                throw SettingsError("\(owner): the secret \(reference) is invalid: \(StandardWebhooks.secretProblem).")
            }
            keys.append(key)
        }
        self.keys = keys
    }

    /// The header fields that sign a request.
    ///
    /// - Parameters:
    ///   - id: the same for each repetition of the request.
    ///   - body: the body as it is sent.
    ///   - now: the time of this try.
    /// - Returns: `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    public func signature(id: String, body: [UInt8], at now: Instant) -> [(name: String, value: String)] {
        let timestamp = String(now.milliseconds / 1000)
        let codes = keys.map { key in
            "v1," + Base64.encode(StandardWebhooks.code(id: id, timestamp: timestamp, body: body, key: key))
        }
        return [
            ("webhook-id", id), ("webhook-timestamp", timestamp), ("webhook-signature", codes.joined(separator: " ")),
        ]
    }

    /// The URL without its query, which may hold a credential.
    public var shownURL: String { String(url.prefix { $0 != "?" }) }
}
