internal import JSON
import SobreSettings
internal import Text
internal import YAMLDocument

/// Resolves a manifest's settings from an instance's values.
struct SettingReader {
    let manifest: Manifest
    let instance: ProviderInstance
    let secrets: SecretSource

    func bad(_ name: String, _ problem: String) -> ProviderError {
        .badSetting(instance: instance.name, name: name, problem: problem)
    }

    /// Rejects names that the manifest does not declare, and secrets among the settings.
    func checkNames() throws(ProviderError) {
        var common = ManifestBinding.commonSettings
        if manifest.auth.hasTokenURL { common.append("token_url") }
        let plain = manifest.settings.filter { !$0.isSecret }.map(\.name) + common
        let secret = manifest.settings.filter(\.isSecret).map(\.name)
        for name in instance.settings.keys.sorted() where !plain.contains(name) {
            if secret.contains(name) {
                throw bad(name, "it is a credential and belongs under secrets as env:NAME or file:PATH")
            }
            throw unknown(name, known: plain)
        }
        for name in instance.secrets.keys.sorted() where !secret.contains(name) {
            throw unknown(name, known: secret)
        }
    }

    private func unknown(_ name: String, known: [String]) -> ProviderError {
        .unknownSetting(
            instance: instance.name, name: name, known: known, suggestion: Suggestion.closest(to: name, among: known))
    }

    /// The values of the manifest's slots; nil for an optional setting that is not set.
    func slotValues() throws(ProviderError) -> [[UInt8]?] {
        var texts: [String: String] = [:]
        for setting in manifest.settings { texts[setting.name] = try text(of: setting) }
        var values: [[UInt8]?] = []
        for slot in manifest.slots {
            guard let text = texts[slot.name] else {
                values.append(nil)
                continue
            }
            if let member = slot.member {
                values.append(try self.member(member, of: slot.name, in: text))
            } else {
                values.append(Array(text.utf8))
            }
        }
        return values
    }

    private func text(of setting: ManifestSetting) throws(ProviderError) -> String? {
        if setting.isSecret {
            if let reference = instance.secrets[setting.name] {
                return try secrets.resolve(reference, name: setting.name, instance: instance.name).reveal()
            }
        } else if let text = instance.settings[setting.name] {
            return text
        }
        if let fallback = setting.fallback { return fallback }
        if setting.isOptional { return nil }
        throw .missingSetting(instance: instance.name, name: setting.name, isSecret: setting.isSecret)
    }

    private func member(_ member: String, of name: String, in text: String) throws(ProviderError) -> [UInt8]? {
        guard let document = try? JSONDocument.parse(text, limits: .request), document.root.kind == .object else {
            throw bad(name, "it is not a JSON object")
        }
        guard let value = document.root[member]?.string, !value.isEmpty else {
            throw bad(name, "its JSON has no text \"\(member)\"")
        }
        return Array(value.utf8)
    }

    func flag(_ name: String) throws(ProviderError) -> Bool? {
        switch instance.settings[name] {
        case nil: nil
        case "true": true
        case "false": false
        default: throw bad(name, "it is neither true nor false")
        }
    }
}
