import COpenSSL

/// Owns one OpenSSL key.
///
/// `@unchecked Sendable`: the key is complete when the handle is made and never changed afterwards. OpenSSL 3 lets
/// several threads sign and verify with one `EVP_PKEY` if each has its own context, and `withContext` makes one per
/// call.
final class KeyHandle: @unchecked Sendable {
    let key: OpaquePointer

    /// Takes ownership of `key`'s reference.
    init(owning key: OpaquePointer) {
        self.key = key
    }

    deinit {
        EVP_PKEY_free(key)
    }

    /// Throws unless the key is of `algorithm`'s type and strong enough for it.
    func check(for algorithm: SignatureAlgorithm) throws(KeyError) {
        guard EVP_PKEY_is_a(key, algorithm.keyType) == 1 else {
            let actual = EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown"
            throw .wrongType(
                algorithm: algorithm, problem: "it is of type \(actual), and type \(algorithm.keyType) is needed.")
        }
        let bits = EVP_PKEY_get_bits(key)
        switch algorithm {
        case .rs256 where bits < 2048:
            throw .wrongType(algorithm: algorithm, problem: "it has \(bits) bits, and at least 2048 are needed.")
        case .es256 where groupName != "prime256v1":
            throw .wrongType(
                algorithm: algorithm, problem: "it is on the curve \(groupName), and prime256v1 (P-256) is needed.")
        default:
            break
        }
    }

    private var groupName: String {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else {
            ERR_clear_error()
            return "unknown"
        }
        return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    /// Runs `body` with a fresh signing or verifying context.
    func withContext<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        guard let context = EVP_MD_CTX_new() else {
            fatalError("\(OpenSSLError(doing: "Making a signature context"))")
        }
        defer { EVP_MD_CTX_free(context) }
        return body(context)
    }

    /// The digest that an algorithm uses; nil for Ed25519, which has its own.
    static func digest(of algorithm: SignatureAlgorithm) -> OpaquePointer? {
        algorithm == .eddsa ? nil : Digest.algorithms.sha256
    }

    /// Reads one key from PEM text of at most 64 KiB with the given reader.
    static func read(
        pem: String, what: String, _ read: (OpaquePointer) -> OpaquePointer?
    ) throws(KeyError) -> OpaquePointer {
        let bytes = Array(pem.utf8)
        guard bytes.count <= 65_536 else {
            throw .unreadable("it has \(bytes.count) bytes, more than the 65536 that a PEM key may have.")
        }
        let result: Result<OpaquePointer, KeyError> = bytes.withUnsafeBytes { buffer in
            guard let memory = BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)) else {
                return .failure(.unreadable("\(OpenSSLError(doing: "Reading the PEM text"))"))
            }
            defer { BIO_free(memory) }
            guard let key = read(memory) else {
                let reason = OpenSSLError(doing: "Parsing it")
                return .failure(.unreadable("it is not \(what). \(reason)"))
            }
            return .success(key)
        }
        return try result.get()
    }
}
