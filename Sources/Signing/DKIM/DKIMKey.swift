import Text

/// A key with which a domain signs its emails (RFC 6376). The public part is in DNS under ``recordName``.
public struct DKIMKey: Sendable {
    /// The signing domain, in lower-case ASCII.
    public let domain: String
    /// Names the key among those of the domain.
    public let selector: String
    /// RS256 for an RSA key, EdDSA for an Ed25519 key (RFC 8463).
    public let algorithm: SignatureAlgorithm
    private let key: PrivateKey

    /// - Parameters:
    ///   - domain: the signing domain, in ASCII.
    ///   - selector: the key's name.
    ///   - text: an RSA or Ed25519 key as PEM, or the 32 bytes of an Ed25519 seed in base64, as RFC 8463 writes it.
    /// - Throws: ``KeyError`` when the text is no such key, or RSA with fewer than 2048 bits.
    public init(domain: String, selector: String, text: String) throws(KeyError) {
        self.domain = domain.lowercased()
        self.selector = selector
        let text = text.trimmingPrefix { $0.isWhitespace }
        if text.hasPrefix("-----BEGIN") {
            key = try PrivateKey(pem: String(text))
        } else {
            guard let seed = try? Base64.decode(text.filter { !$0.isWhitespace }) else {
                throw .unreadable("it is neither PEM (-----BEGIN …) nor the base64 of an Ed25519 seed.")
            }
            key = try PrivateKey(ed25519: seed)
        }
        algorithm = key.isEd25519 ? .eddsa : .rs256
        try key.handle.check(for: algorithm)
    }

    /// Where the public key is published in DNS.
    public var recordName: String { "\(selector)._domainkey.\(domain)" }

    /// Whether this is the private half of a key as DNS publishes it.
    ///
    /// - Parameter bytes: the record's `p`, decoded: SubjectPublicKeyInfo for RSA (as everybody publishes it, RFC 6376
    ///   §3.6.1), 32 bytes for Ed25519 (RFC 8463 §4).
    /// - Returns: false also when the bytes are no key.
    public func isPrivateHalf(ofRecord bytes: [UInt8]) -> Bool {
        let published = algorithm == .eddsa ? try? PublicKey(ed25519: bytes) : try? PublicKey(der: bytes)
        return published.map(key.belongs(to:)) ?? false
    }

    /// The algorithm's name in the signature (RFC 6376 §3.3, RFC 8463 §3).
    var algorithmName: String { algorithm == .eddsa ? "ed25519-sha256" : "rsa-sha256" }

    /// Signs the canonical header. Ed25519 signs its digest (RFC 8463 §3).
    func sign(_ header: [UInt8]) throws(KeyError) -> [UInt8] {
        try key.sign(algorithm == .eddsa ? Digest.sha256(header) : header, with: algorithm)
    }
}
