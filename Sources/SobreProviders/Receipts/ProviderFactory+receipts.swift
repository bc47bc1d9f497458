internal import Signing
public import SobreSettings

extension ProviderFactory {
    /// How the receipts of one provider are verified and read.
    ///
    /// - Throws: ``ProviderError`` that names the invalid secret or setting.
    public func receiptGate(_ instance: ProviderInstance) throws(ProviderError) -> ReceiptGate {
        let plan = manifest(instance.type)?.receipts
        if let reference = instance.receiptSecret {
            let secret = try secrets.resolve(reference, name: "receipts.secret", instance: instance.name).reveal()
            guard let key = StandardWebhooks.key(of: secret) else {
                throw .badSetting(
                    instance: instance.name, name: "receipts.secret", problem: StandardWebhooks.secretProblem)
            }
            return ReceiptGate(instance: instance.name, proof: .standardWebhooks(key), form: plan?.form)
        }
        guard case .twilio(let token)? = plan?.proof, let manifest = manifest(instance.type) else {
            return ReceiptGate(instance: instance.name, proof: .none, form: plan?.form)
        }
        let binding = try ManifestBinding(manifest, instance, secrets: secrets, time: time)
        guard let token = binding.text(of: token) else {
            return ReceiptGate(instance: instance.name, proof: .none, form: plan?.form)
        }
        let url = instance.settings["callback_url"].map { String($0.prefix { $0 != "?" }) }
        return ReceiptGate(
            instance: instance.name, proof: .twilio(HMACKey(Array(token.utf8), hash: .sha1), url: url),
            form: plan?.form)
    }
}
