/// Asymmetric signature algorithms, by their JOSE names (RFC 7518 §3.1, RFC 8037 §3.1).
public enum SignatureAlgorithm: String, Sendable, CaseIterable {
    /// RSA PKCS #1 v1.5 with SHA-256; also DKIM's rsa-sha256.
    case rs256 = "RS256"
    /// ECDSA on P-256 with SHA-256; the signature is the 64 bytes R || S.
    case es256 = "ES256"
    /// Ed25519; the signature is 64 bytes. Also DKIM's ed25519, over an already hashed message.
    case eddsa = "EdDSA"

    /// OpenSSL's name for the key type that this algorithm needs.
    var keyType: String {
        switch self {
        case .rs256: "RSA"
        case .es256: "EC"
        case .eddsa: "ED25519"
        }
    }
}
