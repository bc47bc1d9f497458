internal import DomainNames
internal import Signing
internal import SobreModel
import SobreSettings

/// The keys of an SMTP provider: those that sign emails, and those of return paths.
extension SMTPSettings {
    /// What stands between selector and domain in the name of a secret that is a DKIM key, as in DNS.
    static let keyMark = "._domainkey."
    /// Four keys are enough for two algorithms while a key is being replaced. Each adds a signature to every email.
    private static let maxKeysPerDomain = 4

    /// Whether a secret is a DKIM key by its name.
    static func isKey(_ name: String) -> Bool { name.contains(keyMark) }

    /// The signer with the DKIM keys of the secrets; nil: there are none.
    ///
    /// - Throws: ``ProviderError`` when a key cannot be read, or its name is not `SELECTOR._domainkey.DOMAIN`.
    func signer() throws(ProviderError) -> DKIMSigner? {
        var keys: [DKIMKey] = []
        for name in instance.secrets.keys.sorted() where Self.isKey(name) {
            guard let mark = name.firstRange(of: Self.keyMark),
                let selector = DomainName.ascii(name[..<mark.lowerBound]),
                let domain = DomainName.ascii(name[mark.upperBound...])
            else {
                throw bad(name, "a DKIM key is named SELECTOR._domainkey.DOMAIN, as its record in DNS is")
            }
            do {
                let text = try source.resolve(instance.secrets[name]!, name: name, instance: instance.name).reveal()
                keys.append(try DKIMKey(domain: domain, selector: selector, text: text))
            } catch let error as ProviderError {
                throw error
            } catch {
                throw bad(name, "\(error)".trimmingFullStop)
            }
            guard keys.count(where: { $0.domain == domain.lowercased() }) <= Self.maxKeysPerDomain else {
                throw bad(
                    name, "the domain has more than \(Self.maxKeysPerDomain) keys; remove those that were replaced")
            }
        }
        return keys.isEmpty ? nil : DKIMSigner(keys: keys)
    }

    /// The envelope sender; nil: that of each email's From.
    ///
    /// - Throws: ``ProviderError`` when the address is invalid or too long for a token, or a key is too short.
    func returnPath() throws(ProviderError) -> ReturnPath? {
        var keys: [[UInt8]] = []
        for name in ["verp_key", "previous_verp_key"] {
            guard let key = try secret(name) else { continue }
            guard key.utf8.count >= Self.minKeyBytes else {
                throw bad(name, "it has fewer than \(Self.minKeyBytes) bytes; openssl rand -hex 32 makes a key")
            }
            keys.append(Array(key.utf8))
        }
        if instance.secrets["verp_key"] == nil, !keys.isEmpty {
            throw .missingSetting(instance: instance.name, name: "verp_key", isSecret: true)
        }
        guard let address = try address("return_path") else {
            guard keys.isEmpty else {
                throw .missingSetting(instance: instance.name, name: "return_path", isSecret: false)
            }
            return nil
        }
        let local = address.utf8.firstIndex(of: UInt8(ascii: "@")).map { address.utf8[..<$0].count } ?? 0
        guard keys.isEmpty || local <= ReturnPath.maxLocalBytes else {
            throw bad(
                "return_path", "with verp_key, the part before the @ has at most \(ReturnPath.maxLocalBytes) bytes")
        }
        return ReturnPath(address: address, keys: keys)
    }

    /// The shortest key of return paths: 128 bits.
    private static let minKeyBytes = 16

    func feedbackID() throws(ProviderError) -> FeedbackID? {
        guard let pattern = instance.settings["feedback_id"] else { return nil }
        do { return try FeedbackID(pattern) } catch { throw bad("feedback_id", error.text) }
    }
}

extension String {
    /// The text without the full stop of its last sentence, for a message that adds its own.
    fileprivate var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
