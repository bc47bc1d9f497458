import COpenSSL

/// A public key for verifying signatures, such as those of webhooks. Safe to share between threads.
public final class PublicKey: Sendable {
    let handle: KeyHandle

    /// Reads a PEM public key ("BEGIN PUBLIC KEY").
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` when `pem` contains no such key.
    public init(pem: String) throws(KeyError) {
        let key = try KeyHandle.read(pem: pem, what: "a PEM public key") { memory in
            PEM_read_bio_PUBKEY(memory, nil, nil, nil)
        }
        handle = KeyHandle(owning: key)
    }

    /// Reads a DER SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), the bytes inside the PEM.
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` when `der` contains no such key.
    public init(der: [UInt8]) throws(KeyError) {
        let key = der.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            return d2i_PUBKEY(nil, &next, buffer.count)
        }
        guard let key else {
            throw .unreadable("it is not a DER public key. \(OpenSSLError(doing: "Parsing it"))")
        }
        handle = KeyHandle(owning: key)
    }

    /// Reads the key of a PEM certificate ("BEGIN CERTIFICATE"). The certificate must be valid now; who issued it is not
    /// checked, so it must come from a trusted place.
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` when `certificate` is no certificate or is not valid now.
    public init(certificate: String) throws(KeyError) {
        let key = try KeyHandle.read(pem: certificate, what: "a PEM certificate that is valid now") { memory in
            guard let certificate = PEM_read_bio_X509(memory, nil, nil, nil) else { return nil }
            defer { X509_free(certificate) }
            guard X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0,
                X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0
            else { return nil }
            return X509_get_pubkey(certificate)
        }
        handle = KeyHandle(owning: key)
    }

    /// Reads the 32 raw bytes of an Ed25519 public key (RFC 8032).
    ///
    /// - Throws: ``KeyError/unreadable(_:)`` for any other length.
    public init(ed25519 bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == 32,
            let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count)
        else {
            ERR_clear_error()
            throw .unreadable("an Ed25519 public key has 32 bytes, not \(bytes.count).")
        }
        handle = KeyHandle(owning: key)
    }

    /// Whether `signature` is a valid signature of `message` under this key.
    ///
    /// ES256 signatures are the 64 bytes R || S. Convert DER signatures, as SendGrid sends them, with
    /// ``ECDSASignature/raw(der:)``. Returns false for a malformed signature and for a key of the wrong type.
    public func verify(_ signature: [UInt8], of message: [UInt8], with algorithm: SignatureAlgorithm) -> Bool {
        guard (try? handle.check(for: algorithm)) != nil else { return false }
        var signature = signature
        if algorithm == .es256 {
            guard let der = ECDSASignature.der(raw: signature) else { return false }
            signature = der
        }
        return verify(signature, of: message, digest: KeyHandle.digest(of: algorithm))
    }

    /// Whether `signature` is a valid RSA signature with SHA-1 (PKCS #1 v1.5) of `message` under this key.
    ///
    /// SHA-1 is broken against collisions; only for providers that sign with nothing else, as Amazon SNS does by default.
    public func verifySHA1(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard (try? handle.check(for: .rs256)) != nil else { return false }
        return verify(signature, of: message, digest: Digest.algorithms.sha1)
    }

    private func verify(_ signature: [UInt8], of message: [UInt8], digest: OpaquePointer?) -> Bool {
        let valid = handle.withContext { context in
            EVP_DigestVerifyInit(context, nil, digest, nil, handle.key) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
        // A wrong signature leaves an entry in the error queue, which must not be blamed for a later failure.
        if !valid { ERR_clear_error() }
        return valid
    }
}
