import COpenSSL

/// `count` bytes from OpenSSL's cryptographic generator, suitable for keys and tokens.
///
/// Ends the process if the generator cannot be seeded, because predictable keys would be worse.
public func randomBytes(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        if count > 0 {
            let result = RAND_bytes(buffer.baseAddress, Int32(count))
            precondition(result == 1, "\(OpenSSLError(doing: "Drawing random bytes"))")
        }
        initialized = count
    }
}
