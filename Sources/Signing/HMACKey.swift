import COpenSSL

/// A secret key, prepared once for many HMAC computations.
///
/// Preparation takes a few microseconds. Each `authenticate` copies the prepared state. Safe to share between
/// threads. Source: RFC 2104, FIPS 198-1.
///
/// `@unchecked Sendable`: the prepared context is written only in `init`. Afterwards, `EVP_MAC_CTX_dup` only reads
/// it.
public final class HMACKey: @unchecked Sendable {
    /// The digest under the HMAC.
    public enum Hash: String, Sendable {
        /// HMAC-SHA256, 32 bytes.
        case sha256 = "SHA2-256"
        /// HMAC-SHA1, 20 bytes; only for providers that require it.
        case sha1 = "SHA1"
    }

    /// Never passed to `EVP_MAC_update`, so every duplicate starts from the key alone.
    private let prepared: OpaquePointer

    /// Prepares `key`, which may have any length, including zero.
    public init(_ key: [UInt8], hash: Hash = .sha256) {
        guard let context = EVP_MAC_CTX_new(Self.algorithm.pointer) else {
            fatalError("\(OpenSSLError(doing: "Making an HMAC context"))")
        }
        prepared = context
        var name = Array(hash.rawValue.utf8CString)
        // An empty array may have no address, and for OpenSSL a null key means "keep the current key".
        let padded = key.isEmpty ? [0] : key
        let result = name.withUnsafeMutableBufferPointer { name in
            let parameters = [
                OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.baseAddress, 0),
                OSSL_PARAM_construct_end(),
            ]
            return EVP_MAC_init(context, padded, key.count, parameters)
        }
        precondition(result == 1, "\(OpenSSLError(doing: "Preparing an HMAC key"))")
    }

    deinit {
        EVP_MAC_CTX_free(prepared)
    }

    /// The HMAC of `message`: 32 bytes for SHA-256, 20 for SHA-1.
    public func authenticate(_ message: [UInt8]) -> [UInt8] {
        message.withUnsafeBytes(authenticate)
    }

    /// The HMAC of the UTF-8 bytes of `text`.
    public func authenticate(_ text: String) -> [UInt8] {
        var text = text
        return text.withUTF8 { authenticate(UnsafeRawBufferPointer($0)) }
    }

    private func authenticate(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        guard let context = EVP_MAC_CTX_dup(prepared) else {
            fatalError("\(OpenSSLError(doing: "Copying an HMAC context"))")
        }
        defer { EVP_MAC_CTX_free(context) }
        return [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { output, count in
            let result =
                EVP_MAC_update(context, message.baseAddress?.assumingMemoryBound(to: UInt8.self), message.count)
                & EVP_MAC_final(context, output.baseAddress, &count, output.count)
            // With a prepared key and in-memory input, this fails only if an allocation fails.
            precondition(result == 1, "\(OpenSSLError(doing: "Computing an HMAC"))")
        }
    }

    /// The HMAC implementation, fetched once.
    ///
    /// `@unchecked Sendable`: an `EVP_MAC` is reference-counted and immutable once fetched, and lives as long as the
    /// process.
    private struct Algorithm: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let algorithm: Algorithm = {
        guard let algorithm = EVP_MAC_fetch(nil, "HMAC", nil) else {
            fatalError("\(OpenSSLError(doing: "Loading HMAC")) Check the OpenSSL installation.")
        }
        return Algorithm(pointer: algorithm)
    }()
}

/// HMAC in one call. Use an ``HMACKey`` when a key is used more than once.
public enum HMAC {
    /// The 32-byte HMAC-SHA256 of `message` under `key`.
    public static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        HMACKey(key, hash: .sha256).authenticate(message)
    }

    /// The 20-byte HMAC-SHA1 of `message` under `key`; only for providers that require it.
    public static func sha1(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        HMACKey(key, hash: .sha1).authenticate(message)
    }
}
