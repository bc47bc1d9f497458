internal import Signing
public import SobreDelivery
public import SobreSettings
internal import Text

extension ProviderFactory {
    /// How the receipts of one provider are verified and read.
    ///
    /// - Parameters:
    ///   - instance: the provider.
    ///   - transport: fetches the certificates of Amazon SNS; nil: such receipts cannot be verified.
    ///   - maxMailBytes: how much of an email that came back is read.
    /// - Returns: the gate; it verifies nothing where an optional secret is not set.
    /// - Throws: ``ProviderError`` that names the invalid secret or setting.
    public func receiptGate(
        _ instance: ProviderInstance, transport: (any Transport)? = nil,
        maxMailBytes: Int = ReceiptLimits().maxMailBytes
    ) throws(ProviderError) -> ReceiptGate {
        let manifest = manifest(instance.type)
        let url = instance.settings["callback_url"].map { String($0.prefix { $0 != "?" }) }
        let plan = manifest?.receipts
        var mail: MailReportReader?
        if instance.type == "smtp" {
            let path = try SMTPSettings(instance, secrets: secrets).returnPath()
            mail = MailReportReader(returnPaths: path.map { [$0] } ?? [], maxBytes: maxMailBytes)
        }
        func gate(_ verifier: (any ReceiptVerifier)?, hasOwnSecret: Bool = false) -> ReceiptGate {
            ReceiptGate(
                instance: instance.name, verifier: verifier, hasOwnSecret: hasOwnSecret, url: url, format: plan?.format,
                mail: mail)
        }
        if let reference = instance.receiptSecret {
            let secret = try secrets.resolve(reference, name: "receipts.secret", instance: instance.name).reveal()
            return gate(
                StandardWebhooksVerifier(
                    key: try Self.webhookKey(secret, "receipts.secret", instance), headers: .standard),
                hasOwnSecret: true)
        }
        guard let manifest, let plan else { return gate(nil) }
        if case .standardWebhooks(nil, _) = plan.proof { return gate(nil) }
        let binding = try ManifestBinding(manifest, instance, secrets: secrets, time: time)
        var bound = gate(try Self.verifier(plan.proof, binding, instance, transport))
        bound.channel = try Self.channel(of: instance, manifest)
        switch plan.handshake {
        case nil: break
        case .hub(let token): bound.handshake = .hub(token: binding.bytes(of: token).map { SecretBytes($0) })
        case .eventGrid: bound.handshake = .eventGrid
        }
        return bound
    }

    /// Nil where an optional secret is not set.
    private static func verifier(
        _ proof: ReceiptPlan.Proof, _ binding: ManifestBinding, _ instance: ProviderInstance,
        _ transport: (any Transport)?
    ) throws(ProviderError) -> (any ReceiptVerifier)? {
        switch proof {
        case .standardWebhooks(let secret, let headers):
            guard let secret = secret.flatMap(binding.text(of:)) else { return nil }
            return StandardWebhooksVerifier(key: try webhookKey(secret, "webhook secret", instance), headers: headers)
        case .basic(let user, let password):
            guard let user = binding.text(of: user), let password = binding.text(of: password) else { return nil }
            return BasicVerifier(user: user, password: password)
        case .token(let place, let value):
            guard let value = binding.bytes(of: value) else { return nil }
            return TokenVerifier(place: place, token: SecretBytes(value))
        case .signed(let plan): return try signedVerifier(plan, binding, instance)
        case .jwt(let plan):
            guard let key = binding.bytes(of: plan.key) else { return nil }
            return JWTReceiptVerifier(
                key: HMACKey(key), token: plan.token, payloadClaim: plan.payloadClaim, urlClaim: plan.urlClaim,
                maxAge: plan.maxAge)
        case .sns(let topics):
            guard let topics = binding.text(of: topics) else { return nil }
            let names = topics.split { $0 == "," || $0 == " " }.map(String.init)
            return SNSVerifier(topics: Set(names), transport: transport)
        case .twilio(let token):
            return binding.bytes(of: token).map { TwilioVerifier(key: HMACKey($0, hash: .sha1)) }
        case .plivo(let token): return binding.bytes(of: token).map { PlivoVerifier(key: HMACKey($0)) }
        }
    }

    private static func signedVerifier(
        _ plan: ReceiptPlan.Signed, _ binding: ManifestBinding, _ instance: ProviderInstance
    ) throws(ProviderError) -> (any ReceiptVerifier)? {
        guard let bytes = binding.bytes(of: plan.key) else { return nil }
        let key: SignedReceiptVerifier.Key
        do {
            switch plan.algorithm {
            case .hmac(let kind): key = .hmac(HMACKey(bytes, hash: kind == .sha1 ? .sha1 : .sha256))
            case .p256: key = .p256(try publicKey(String(decoding: bytes, as: UTF8.self)))
            case .rsaSHA1: key = .rsaSHA1(try publicKey(String(decoding: bytes, as: UTF8.self)))
            case .ed25519: key = .ed25519(try PublicKey(ed25519: rawKey(String(decoding: bytes, as: UTF8.self))))
            }
        } catch {
            throw .badSetting(instance: instance.name, name: "webhook key", problem: "\(error)")
        }
        return SignedReceiptVerifier(plan, key: key)
    }

    /// A PEM public key, or the base64 that is inside it.
    private static func publicKey(_ text: String) throws(KeyError) -> PublicKey {
        if text.contains("-----BEGIN") { return try PublicKey(pem: text) }
        return try PublicKey(der: rawKey(text))
    }

    private static func rawKey(_ text: String) throws(KeyError) -> [UInt8] {
        do { return try Base64.decode(text.filter { !$0.isWhitespace }) } catch {
            throw .unreadable("it is not base64.")
        }
    }

    private static func webhookKey(
        _ secret: String, _ name: String, _ instance: ProviderInstance
    ) throws(ProviderError) -> HMACKey {
        guard let key = StandardWebhooks.key(of: secret) else {
            throw .badSetting(instance: instance.name, name: name, problem: StandardWebhooks.secretProblem)
        }
        return key
    }
}
