import COpenSSL

/// The two forms of a P-256 ECDSA signature: DER (X9.62, TLS, SendGrid) and the raw 64 bytes R || S (JOSE).
public enum ECDSASignature {
    /// The 64 bytes R || S of a DER signature; nil if it is not a P-256 signature.
    public static func raw(der: [UInt8]) -> [UInt8]? {
        let pair = der.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            let pair = d2i_ECDSA_SIG(nil, &next, buffer.count)
            // Accepting trailing bytes would allow several encodings of one signature.
            guard let pair, next == buffer.baseAddress.map({ $0 + buffer.count }) else {
                ECDSA_SIG_free(pair)
                return OpaquePointer?.none
            }
            return pair
        }
        guard let pair else {
            ERR_clear_error()
            return nil
        }
        defer { ECDSA_SIG_free(pair) }
        var raw = [UInt8](repeating: 0, count: 64)
        let fits = raw.withUnsafeMutableBufferPointer { raw in
            let half = raw.baseAddress!
            return BN_bn2binpad(ECDSA_SIG_get0_r(pair), half, 32) == 32
                && BN_bn2binpad(ECDSA_SIG_get0_s(pair), half + 32, 32) == 32
        }
        guard fits else {
            ERR_clear_error()
            return nil
        }
        return raw
    }

    /// The DER form of the 64 bytes R || S; nil for any other length.
    public static func der(raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 64, let pair = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(pair) }
        let set = raw.withUnsafeBufferPointer { raw in
            let half = raw.baseAddress!
            // On success, the pair owns both numbers.
            return ECDSA_SIG_set0(pair, BN_bin2bn(half, 32, nil), BN_bin2bn(half + 32, 32, nil)) == 1
        }
        guard set else { return nil }
        let count = i2d_ECDSA_SIG(pair, nil)
        guard count > 0 else { return nil }
        return [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
            var next = buffer.baseAddress
            initialized = Int(i2d_ECDSA_SIG(pair, &next))
        }
    }
}
