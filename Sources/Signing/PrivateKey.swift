import COpenSSL

/// A private key for signing, safe to share between threads. Its description never contains key material.
public final class PrivateKey: Sendable, CustomStringConvertible {
    let handle: KeyHandle

    /// Reads an unencrypted PEM private key: PKCS #8 ("BEGIN PRIVATE KEY"), PKCS #1 RSA or SEC 1 EC.
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` when `pem` contains no such key, or an encrypted one.
    public init(pem: String) throws(KeyError) {
        // The callback refuses to give a password. Without it, OpenSSL would prompt on the terminal.
        let key = try KeyHandle.read(pem: pem, what: "an unencrypted PEM private key") { memory in
            PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in -1 }, nil)
        }
        handle = KeyHandle(owning: key)
    }

    init(handle: KeyHandle) { self.handle = handle }

    /// Reads the 32 raw bytes of an Ed25519 private key (RFC 8032 §5.1.5).
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` for any other length.
    public init(ed25519 bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == 32,
            let key = EVP_PKEY_new_raw_private_key_ex(nil, "ED25519", nil, bytes, bytes.count)
        else {
            ERR_clear_error()
            throw .unreadable("an Ed25519 private key has 32 bytes, not \(bytes.count).")
        }
        handle = KeyHandle(owning: key)
    }

    /// Whether this is an Ed25519 key.
    var isEd25519: Bool { EVP_PKEY_is_a(handle.key, SignatureAlgorithm.eddsa.keyType) == 1 }

    /// Signs `message`.
    ///
    /// - Returns: as many bytes as the modulus for RS256, the 64 bytes R || S for ES256 (RFC 7518 §3.4), 64 bytes for
    ///   EdDSA.
    /// - Throws: ``KeyError`` when the key is of another type, RSA below 2048 bits or EC not on P-256.
    public func sign(_ message: [UInt8], with algorithm: SignatureAlgorithm) throws(KeyError) -> [UInt8] {
        try handle.check(for: algorithm)
        let signed: Result<[UInt8], KeyError> = handle.withContext { context in
            let digest = KeyHandle.digest(of: algorithm)
            var count = 0
            guard EVP_DigestSignInit(context, nil, digest, nil, handle.key) == 1,
                EVP_DigestSign(context, nil, &count, message, message.count) == 1
            else {
                return .failure(.signing(OpenSSLError(doing: "Signing with the private key")))
            }
            var signature = [UInt8](repeating: 0, count: count)
            guard EVP_DigestSign(context, &signature, &count, message, message.count) == 1 else {
                return .failure(.signing(OpenSSLError(doing: "Signing with the private key")))
            }
            signature.removeLast(signature.count - count)
            return .success(signature)
        }
        let signature = try signed.get()
        guard algorithm == .es256 else { return signature }
        guard let pair = ECDSASignature.raw(der: signature) else {
            throw .signing(OpenSSLError(doing: "Reading the ECDSA signature"))
        }
        return pair
    }

    /// Whether this is the private half of a public key.
    public func belongs(to publicKey: PublicKey) -> Bool {
        let isSame = EVP_PKEY_eq(handle.key, publicKey.handle.key) == 1
        if !isSame { ERR_clear_error() }
        return isSame
    }

    /// Contains no key material.
    public var description: String { "PrivateKey(redacted)" }
}
