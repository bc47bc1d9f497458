internal import Signing

extension ProviderFactory {
    /// What the receipts of one provider must prove.
    ///
    /// - Throws: ``ProviderError`` that names the secret or setting that cannot be used.
    public func receiptGate(_ instance: ProviderInstance) throws(ProviderError) -> ReceiptGate {
        let plan = manifest(instance.type)?.receipts
        if let reference = instance.receiptSecret {
            let secret = try secrets.resolve(reference, name: "receipts.secret", instance: instance.name).reveal()
            return ReceiptGate(
                instance: instance.name, proof: .standardWebhooks(try Self.key(secret, instance.name)), form: plan?.form
            )
        }
        guard case .twilio(let token)? = plan?.proof, let manifest = manifest(instance.type) else {
            return ReceiptGate(instance: instance.name, proof: .none, form: plan?.form)
        }
        let binding = try ManifestBinding(manifest, instance, secrets: secrets, time: time)
        guard let token = binding.text(of: token), let url = instance.settings["callback_url"] else {
            return ReceiptGate(instance: instance.name, proof: .none, form: plan?.form)
        }
        return ReceiptGate(
            instance: instance.name,
            proof: .twilio(HMACKey(Array(token.utf8), hash: .sha1), url: String(url.prefix { $0 != "?" })),
            form: plan?.form)
    }

    private static func key(_ secret: String, _ instance: String) throws(ProviderError) -> HMACKey {
        let encoded = secret.hasPrefix("whsec_") ? String(secret.dropFirst(6)) : secret
        guard let key = try? Base64.decode(encoded), key.count >= 16 else {
            throw .badSetting(
                instance: instance, name: "receipts.secret",
                problem: "it is not whsec_ followed by base64 of at least 16 bytes (Standard Webhooks)")
        }
        return HMACKey(key, hash: .sha256)
    }
}
