public import Signing
internal import Text

/// The keys that sign links in messages. The first key signs. All keys verify, so that a key can be replaced while
/// links signed with the old one are still in mailboxes.
///
/// A token is base64url (RFC 4648 §5) of a version byte 1, four bytes that identify the key, the content, and the first
/// 16 bytes of HMAC-SHA-256 over all of these. Guessing one succeeds with probability 2⁻¹²⁸. Rejecting a forged token
/// costs at most one HMAC.
public struct LinkKeys: Sendable {
    private struct Key: Sendable {
        var id: [UInt8]
        var hmac: HMACKey
    }

    private let keys: [Key]
    private static let version: UInt8 = 1
    private static let idBytes = 4
    private static let macBytes = 16
    /// The longest token that is parsed, in characters.
    static let maxLength = 1_024

    /// - Parameter secrets: the signing key first, then earlier keys; at least one.
    public init(secrets: [[UInt8]]) {
        precondition(!secrets.isEmpty, "links need a key")
        keys = secrets.map { secret in
            // The id is an HMAC, so it reveals nothing of the key.
            let id = HMAC.sha256(Array("sobre link key".utf8), key: secret).prefix(Self.idBytes)
            return Key(id: Array(id), hmac: HMACKey(secret, hash: .sha256))
        }
    }

    /// Signs an unsubscribe token.
    public func sign(_ token: UnsubscribeToken) -> String {
        var bytes = [Self.version] + keys[0].id + token.bytes
        bytes += Self.mac(bytes, keys[0])
        return Base64.encodeURL(bytes)
    }

    /// The content of a token; nil unless one of the keys signed it.
    public func read(_ token: String) -> UnsubscribeToken? {
        guard token.utf8.count <= Self.maxLength, let bytes = try? Base64.decodeURL(token),
            bytes.count > 1 + Self.idBytes + Self.macBytes, bytes[0] == Self.version,
            // Only the canonical form is valid: unused base64 bits must be zero.
            Base64.encodeURL(bytes) == token
        else { return nil }
        let id = Array(bytes[1...Self.idBytes])
        guard let key = keys.first(where: { $0.id == id }) else { return nil }
        let signed = Array(bytes.dropLast(Self.macBytes))
        guard constantTimeEquals(Self.mac(signed, key), Array(bytes.suffix(Self.macBytes))) else { return nil }
        return UnsubscribeToken(bytes: signed[(1 + Self.idBytes)...])
    }

    private static func mac(_ bytes: [UInt8], _ key: Key) -> [UInt8] {
        // Domain separation from anything else that is signed with the same key.
        Array(key.hmac.authenticate(Array("unsubscribe\u{0}".utf8) + bytes).prefix(macBytes))
    }
}
