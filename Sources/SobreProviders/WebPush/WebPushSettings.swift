internal import Signing
internal import SobreModel
import SobreSettings
internal import Text

/// The configuration of a `web-push` provider.
///
/// Settings: `subject` (a `mailto:` or `https:` URL where push services reach the sender); `hosts` (the push services that
/// may be called, in place of the known ones); `ttl` (how long a service keeps a notification where neither template nor
/// message says so). Secret: `private_key`, the VAPID key as PEM or as base64url of its 32 bytes.
struct WebPushSettings {
    static let settings = ["subject", "hosts", "ttl"]
    static let secrets = ["private_key"]

    let instance: ProviderInstance
    let source: SecretSource
    let time: any TimeSource

    func provider() throws(ProviderError) -> WebPushProvider {
        if let channel = instance.channel, channel != WebPushProvider.served {
            throw .channel(
                instance: instance.name, problem: "web-push serves \(WebPushProvider.served), not \(channel)")
        }
        try check(instance.settings.keys, Self.settings)
        try check(instance.secrets.keys, Self.secrets)
        let key = try key()
        guard let point = key.p256Point else {
            throw bad("private_key", "VAPID needs a key on the curve P-256")
        }
        return WebPushProvider(
            name: instance.name, tokens: VAPIDTokens(key: key, point: point, subject: try subject()),
            services: PushServices(hosts: try hosts()), timeToLive: try timeToLive(),
            timeout: instance.limits.timeout, time: time)
    }

    private func check(_ names: some Collection<String>, _ known: [String]) throws(ProviderError) {
        for name in names.sorted() where !known.contains(name) {
            if Self.secrets.contains(name) {
                throw bad(name, "it is a credential and belongs under secrets as env:NAME or file:PATH")
            }
            throw .unknownSetting(
                instance: instance.name, name: name, known: known,
                suggestion: Suggestion.closest(to: name, among: known))
        }
    }

    private func key() throws(ProviderError) -> PrivateKey {
        guard let reference = instance.secrets["private_key"] else {
            throw .missingSetting(instance: instance.name, name: "private_key", isSecret: true)
        }
        let text = try source.resolve(reference, name: "private_key", instance: instance.name).reveal()
        do {
            if text.contains("-----BEGIN") { return try PrivateKey(pem: text) }
            guard let scalar = Base64.decodeAny(text.utf8) else {
                throw KeyError.unreadable("it is neither PEM nor base64url.")
            }
            return try PrivateKey(p256: scalar)
        } catch {
            throw bad("private_key", "\(error)")
        }
    }

    private func subject() throws(ProviderError) -> String {
        guard let subject = instance.settings["subject"], !subject.isEmpty else {
            throw .missingSetting(instance: instance.name, name: "subject", isSecret: false)
        }
        guard subject.hasPrefix("mailto:") || subject.hasPrefix("https://"), subject.utf8.count <= 256 else {
            throw bad("subject", "it is no address to reach you at; write mailto:push@example.com or an https URL")
        }
        return subject
    }

    private func hosts() throws(ProviderError) -> [String] {
        guard let text = instance.settings["hosts"] else { return PushServices.known }
        let hosts = text.split { $0 == "," || $0 == " " }.map { $0.lowercased() }
        for host in hosts {
            let name = host.hasPrefix("*.") ? host.dropFirst(2) : host[...]
            let isName = !name.isEmpty && name.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-._:[]".utf8.contains($0) }
            guard isName else {
                throw bad("hosts", "\"\(host)\" is not a host's name, such as push.example or *.push.example")
            }
        }
        guard !hosts.isEmpty else { throw bad("hosts", "it names no push service") }
        return hosts
    }

    private func timeToLive() throws(ProviderError) -> Duration {
        let longest = Duration.seconds(28 * 86_400)
        guard let text = instance.settings["ttl"] else { return longest }
        guard let duration = DurationText.parse(text), duration >= .zero, duration <= longest else {
            throw bad("ttl", "it is not a duration of at most 28 days; \(DurationText.hint)")
        }
        return duration
    }

    private func bad(_ name: String, _ problem: String) -> ProviderError {
        .badSetting(instance: instance.name, name: name, problem: problem)
    }
}
