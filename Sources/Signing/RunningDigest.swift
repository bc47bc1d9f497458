import COpenSSL

/// The SHA-256 digest of bytes that come piece by piece.
///
/// Not safe to share between threads.
public final class RunningDigest {
    private let context: OpaquePointer

    /// The digest of nothing yet.
    public init() {
        guard let context = EVP_MD_CTX_new() else { fatalError("\(OpenSSLError(doing: "Making a digest context"))") }
        self.context = context
        let result = EVP_DigestInit_ex(context, Digest.algorithms.sha256, nil)
        precondition(result == 1, "\(OpenSSLError(doing: "Beginning a digest"))")
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Adds bytes.
    public func update(_ bytes: [UInt8]) {
        let result = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(result == 1, "\(OpenSSLError(doing: "Hashing"))")
    }

    /// Ends the digest. Call it once.
    ///
    /// - Returns: 32 bytes.
    public func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, count in
            var written: UInt32 = 0
            let result = EVP_DigestFinal_ex(context, output.baseAddress, &written)
            precondition(result == 1, "\(OpenSSLError(doing: "Hashing"))")
            count = Int(written)
        }
    }
}
