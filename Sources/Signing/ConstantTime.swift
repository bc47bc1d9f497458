import COpenSSL

/// Whether two byte strings are equal, in a time that does not depend on where they differ.
///
/// Use it for signatures, tokens and key hashes. The lengths are not secret: strings of different lengths are
/// rejected at once.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return left.isEmpty || CRYPTO_memcmp(left, right, left.count) == 0
}
