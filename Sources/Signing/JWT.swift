import Text

/// JSON Web Tokens in the compact form (RFC 7519, RFC 7515 §7.1).
public enum JWT {
    /// Signs `claims` into `header.claims.signature`, each part base64url.
    ///
    /// The caller provides both JSON objects. `header` must name `algorithm` in its `alg` member; this is not
    /// checked, because this layer does not parse JSON.
    ///
    /// - Throws: ``KeyError`` when `key` does not fit `algorithm`.
    public static func sign(
        header: [UInt8], claims: [UInt8], key: PrivateKey, algorithm: SignatureAlgorithm
    ) throws(KeyError) -> String {
        let signed = "\(Base64.encodeURL(header)).\(Base64.encodeURL(claims))"
        let signature = try key.sign(Array(signed.utf8), with: algorithm)
        return "\(signed).\(Base64.encodeURL(signature))"
    }

    /// Signs `claims` under the header `{"alg":…,"typ":"JWT"}`, with `kid` when `keyID` is given.
    ///
    /// `keyID` is the provider's name for the key: printable ASCII without `"` and `\`.
    ///
    /// - Throws: ``KeyError`` when `key` does not fit `algorithm`.
    public static func sign(
        claims: [UInt8], key: PrivateKey, algorithm: SignatureAlgorithm, keyID: String? = nil
    ) throws(KeyError) -> String {
        var header = #"{"alg":"\#(algorithm.rawValue)","typ":"JWT""#
        if let keyID {
            let plain = keyID.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
            guard plain else {
                throw .unreadable("the key id of a token must be printable ASCII without quotes and backslashes.")
            }
            header += #","kid":"\#(keyID)""#
        }
        header += "}"
        return try sign(header: Array(header.utf8), claims: claims, key: key, algorithm: algorithm)
    }
}
