import COpenSSL

extension PrivateKey {
    /// Generates an RSA key and returns it as PKCS #8 PEM, for tests and for trying a provider against the sandbox.
    ///
    /// - Parameter bits: the size of the modulus, at least 2048. Generating 2048 bits takes about 50 ms.
    /// - Returns: the key as PEM text.
    /// - Throws: ``KeyError`` with OpenSSL's reasons.
    public static func generateRSA(bits: Int = 2048) throws(KeyError) -> String {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "RSA", nil) else {
            throw .signing(OpenSSLError(doing: "Making an RSA key"))
        }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1,
            EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(max(bits, 2048))) == 1,
            EVP_PKEY_generate(context, &key) == 1, let memory = BIO_new(BIO_s_mem())
        else { throw .signing(OpenSSLError(doing: "Making an RSA key")) }
        defer {
            EVP_PKEY_free(key)
            BIO_free(memory)
        }
        guard PEM_write_bio_PrivateKey(memory, key, nil, nil, 0, nil, nil) == 1 else {
            throw .signing(OpenSSLError(doing: "Writing an RSA key"))
        }
        var text = [UInt8](repeating: 0, count: 16 << 10)
        let count = BIO_read(memory, &text, Int32(text.count))
        return String(decoding: text.prefix(max(Int(count), 0)), as: UTF8.self)
    }
}
