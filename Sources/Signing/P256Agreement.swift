import COpenSSL
import Text

/// Key agreement on P-256 (ECDH), for Web Push.
extension PrivateKey {
    /// Reads the 32 bytes of a P-256 private key, the form in which VAPID keys are handed out.
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` for any other length, and for a number that is no key.
    public convenience init(p256 scalar: [UInt8]) throws(KeyError) {
        guard scalar.count == 32 else {
            throw .unreadable("a P-256 private key has 32 bytes, not \(scalar.count).")
        }
        // SEC 1 §C.4: ECPrivateKey with the curve's name. OpenSSL computes the public key, which is left out.
        let prefix: [UInt8] = [0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20]
        let curve: [UInt8] = [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        let text = Base64.encode(prefix + scalar + curve)
        try self.init(pem: "-----BEGIN EC PRIVATE KEY-----\n\(text)\n-----END EC PRIVATE KEY-----\n")
        guard p256Point != nil else { throw .unreadable("its number is not a private key of P-256.") }
    }

    /// Generates a P-256 key. Takes about 20 microseconds.
    ///
    /// Ends the process if OpenSSL cannot, because its random numbers are then missing too.
    public static func generateP256() -> PrivateKey {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, P256.parameters.key, nil) else {
            fatalError("\(OpenSSLError(doing: "Making a P-256 key"))")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &key) == 1, let key else {
            fatalError("\(OpenSSLError(doing: "Making a P-256 key"))")
        }
        return PrivateKey(handle: KeyHandle(owning: key))
    }

    /// The public key as an uncompressed point, 65 bytes (SEC 1 §2.3.3); nil if this is not a P-256 key.
    public var p256Point: [UInt8]? {
        guard (try? handle.check(for: .es256)) != nil else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = EVP_PKEY_get1_encoded_public_key(handle.key, &bytes)
        defer { CRYPTO_free(bytes, nil, 0) }
        guard count == 65, let bytes else {
            ERR_clear_error()
            return nil
        }
        return Array(UnsafeBufferPointer(start: bytes, count: count))
    }

    /// The 32 bytes that this key and the other one have in common (SP 800-56A §5.7.1.2).
    ///
    /// - Parameter point: the other public key, an uncompressed point of 65 bytes.
    /// - Returns: nil if the point is not on the curve, or this is not a P-256 key.
    public func agree(with point: [UInt8]) -> [UInt8]? {
        guard point.count == 65, point[0] == 4, let peer = EVP_PKEY_new() else { return nil }
        defer { EVP_PKEY_free(peer) }
        guard EVP_PKEY_copy_parameters(peer, P256.parameters.key) == 1,
            EVP_PKEY_set1_encoded_public_key(peer, point, point.count) == 1,
            let context = EVP_PKEY_CTX_new_from_pkey(nil, handle.key, nil)
        else {
            ERR_clear_error()
            return nil
        }
        defer { EVP_PKEY_CTX_free(context) }
        var secret = [UInt8](repeating: 0, count: 32)
        var count = secret.count
        guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1,
            EVP_PKEY_derive(context, &secret, &count) == 1, count == 32
        else {
            ERR_clear_error()
            return nil
        }
        return secret
    }
}

/// The curve, looked up once. Otherwise OpenSSL 3 looks it up by name for each key.
private enum P256 {
    static let parameters: KeyHandle = {
        var key: OpaquePointer?
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil), EVP_PKEY_paramgen_init(context) == 1,
            EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            EVP_PKEY_paramgen(context, &key) == 1, let key
        else { fatalError("\(OpenSSLError(doing: "Loading the curve P-256")) Check the OpenSSL installation.") }
        EVP_PKEY_CTX_free(context)
        return KeyHandle(owning: key)
    }()
}
