import COpenSSL

/// AES-128 in Galois/Counter Mode (NIST SP 800-38D).
enum AESGCM {
    /// Encrypts a text.
    ///
    /// - Parameters:
    ///   - text: what is encrypted.
    ///   - key: 16 bytes.
    ///   - nonce: 12 bytes, never used twice with one key.
    /// - Returns: as many bytes as the text, and the tag of 16 bytes.
    static func seal(_ text: [UInt8], key: [UInt8], nonce: [UInt8]) -> [UInt8] {
        precondition(key.count == 16 && nonce.count == 12, "AES-128-GCM takes a key of 16 bytes and a nonce of 12.")
        guard let context = EVP_CIPHER_CTX_new() else { fatalError("\(OpenSSLError(doing: "Making a cipher"))") }
        defer { EVP_CIPHER_CTX_free(context) }
        return [UInt8](unsafeUninitializedCapacity: text.count + 16) { output, count in
            var written: Int32 = 0
            var last: Int32 = 0
            let start = output.baseAddress!
            // With a fetched cipher and in-memory input, this fails only if an allocation fails.
            let isDone =
                EVP_EncryptInit_ex2(context, cipher.pointer, key, nonce, nil) == 1
                && EVP_EncryptUpdate(context, start, &written, text, Int32(text.count)) == 1
                && EVP_EncryptFinal_ex(context, start + Int(written), &last) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, start + text.count) == 1
            precondition(isDone, "\(OpenSSLError(doing: "Encrypting"))")
            count = text.count + 16
        }
    }

    /// The cipher, fetched once.
    ///
    /// `@unchecked Sendable`: an `EVP_CIPHER` is reference-counted and immutable once fetched, and lives as long as the
    /// process.
    private struct Cipher: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let cipher: Cipher = {
        guard let cipher = EVP_CIPHER_fetch(nil, "AES-128-GCM", nil) else {
            fatalError("\(OpenSSLError(doing: "Loading AES-128-GCM")) Check the OpenSSL installation.")
        }
        return Cipher(pointer: cipher)
    }()
}
