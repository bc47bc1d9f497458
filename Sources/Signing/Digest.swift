import COpenSSL

/// Message digests of whole byte strings, by OpenSSL's EVP interface.
///
/// Source: FIPS 180-4 (SHA-1, SHA-256), RFC 1321 (MD5). SHA-1 and MD5 are present because some providers' webhook
/// signatures require them. Use SHA-256 for anything new.
public enum Digest {
    /// The 32-byte SHA-256 digest of `bytes`.
    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, algorithms.sha256)
    }

    /// The 32-byte SHA-256 digest of the UTF-8 bytes of `text`.
    public static func sha256(_ text: String) -> [UInt8] {
        digest(Array(text.utf8), algorithms.sha256)
    }

    /// The 20-byte SHA-1 digest of `bytes`. Broken against collisions; only for providers that require it.
    public static func sha1(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, algorithms.sha1)
    }

    /// The 16-byte MD5 digest of `bytes`. Broken against collisions; only for providers that require it.
    public static func md5(_ bytes: [UInt8]) -> [UInt8] {
        digest(bytes, algorithms.md5)
    }

    /// The algorithms, fetched once. Otherwise OpenSSL 3 looks them up by name on every call, which costs more than
    /// hashing a short input.
    static let algorithms = Algorithms()

    private static func digest(_ bytes: [UInt8], _ algorithm: OpaquePointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, count in
            var written: UInt32 = 0
            let result = bytes.withUnsafeBytes { input in
                EVP_Digest(input.baseAddress, input.count, output.baseAddress, &written, algorithm, nil)
            }
            // With a fetched digest and in-memory input, this fails only if OpenSSL cannot allocate its context.
            precondition(result == 1, "\(OpenSSLError(doing: "Hashing"))")
            count = Int(written)
        }
    }
}

extension Digest {
    /// Digest implementations from OpenSSL's default provider.
    ///
    /// `@unchecked Sendable`: an `EVP_MD` is reference-counted and immutable once fetched, and these live as long as
    /// the process.
    struct Algorithms: @unchecked Sendable {
        let sha256: OpaquePointer
        let sha1: OpaquePointer
        let md5: OpaquePointer

        init() {
            sha256 = Self.fetch("SHA2-256")
            sha1 = Self.fetch("SHA1")
            md5 = Self.fetch("MD5")
        }

        private static func fetch(_ name: String) -> OpaquePointer {
            guard let algorithm = EVP_MD_fetch(nil, name, nil) else {
                fatalError("\(OpenSSLError(doing: "Loading the digest \(name)")) Check the OpenSSL installation.")
            }
            return algorithm
        }
    }
}
