internal import Signing
internal import SobreDelivery

extension ManifestBinding {
    /// The certificate that the server asks for; nil where its settings are not set.
    ///
    /// - Throws: ``ProviderError`` when only one of certificate and key is set, when one cannot be read or has expired,
    ///   or when they do not belong together.
    func clientCertificate(
        of manifest: Manifest, _ reader: SettingReader
    ) throws(ProviderError) -> ClientCertificate? {
        guard let plan = manifest.clientCertificate else { return nil }
        let certificate = text(of: plan.certificate)
        let key = text(of: plan.key)
        guard certificate != nil || key != nil else { return nil }
        guard let certificate, let key else {
            throw reader.bad("certificate", "a certificate needs its private key, and a key its certificate; set both")
        }
        let belongsTogether: Bool
        do {
            belongsTogether = try PrivateKey(pem: key).belongs(to: try PublicKey(certificate: certificate))
        } catch {
            throw reader.bad("certificate", "\(error)")
        }
        guard belongsTogether else { throw reader.bad("certificate", "it belongs to another private key") }
        return ClientCertificate(certificate: Array(certificate.utf8), key: Array(key.utf8))
    }
}
