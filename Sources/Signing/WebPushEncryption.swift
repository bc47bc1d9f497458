/// Encryption of Web Push messages for one browser (RFC 8291, in the encoding of RFC 8188).
public enum WebPushEncryption {
    /// The largest body that every push service takes (RFC 8291 §4).
    public static let maxBodyBytes = 4096

    /// The bytes of a body besides the text: header, delimiter and tag.
    public static let overhead = 16 + 4 + 1 + 65 + 1 + 16

    /// Encrypts a text into a body with `Content-Encoding: aes128gcm`, in one record.
    ///
    /// - Parameters:
    ///   - text: at most ``maxBodyBytes`` less ``overhead`` bytes.
    ///   - point: the browser's public key `p256dh`, an uncompressed point of 65 bytes.
    ///   - secret: the browser's secret `auth`, 16 bytes.
    ///   - key: a key for this message alone.
    ///   - salt: 16 random bytes for this message alone.
    /// - Returns: the body; nil if the text is too long, the point is not on the curve or the secret has another length.
    public static func encrypt(
        _ text: [UInt8], point: [UInt8], secret: [UInt8], key: PrivateKey = .generateP256(),
        salt: [UInt8] = randomBytes(16)
    ) -> [UInt8]? {
        guard text.count + overhead <= maxBodyBytes, secret.count == 16, salt.count == 16,
            let own = key.p256Point, let shared = key.agree(with: point)
        else { return nil }
        let combined = HMAC.sha256(shared, key: secret)
        let input = HMAC.sha256(keyInfo + point + own + [1], key: combined)
        let derivation = HMACKey(HMAC.sha256(input, key: salt))
        let contentKey = Array(derivation.authenticate(contentKeyInfo).prefix(16))
        let nonce = Array(derivation.authenticate(nonceInfo).prefix(12))
        var body: [UInt8] = []
        body.reserveCapacity(text.count + overhead)
        body += salt
        body += recordSize
        body.append(65)
        body += own
        // The delimiter of a last record is 2 (RFC 8188 §2).
        body += AESGCM.seal(text + [2], key: contentKey, nonce: nonce)
        return body
    }

    private static let keyInfo = Array("WebPush: info\0".utf8)
    private static let contentKeyInfo = Array("Content-Encoding: aes128gcm\0".utf8) + [1]
    private static let nonceInfo = Array("Content-Encoding: nonce\0".utf8) + [1]
    /// 4096 in network byte order.
    private static let recordSize: [UInt8] = [0, 0, 0x10, 0]
}
