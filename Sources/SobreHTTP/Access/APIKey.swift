public import SobreModel
public import SobreStore
import Signing
public import SobreWire
internal import Text

/// A key with which a program calls the API. Shown once, when it is made; the store keeps its hash.
///
/// `sobre_` and 64 hexadecimal digits: 256 random bits. The prefix lets secret scanners find a leaked key.
public struct APIKey: Sendable {
    /// The key in full. Never written to a log or a page but the one that shows it when it is made.
    public let secret: String

    /// Makes a new random key.
    public static func generate() -> APIKey { APIKey(secret: "sobre_" + Hex.encode(randomBytes(32))) }

    /// What the store keeps: the hash with a short public id.
    ///
    /// - Parameters:
    ///   - label: what the key is for, in the owner's words.
    ///   - scopes: what it allows.
    ///   - createdAt: now.
    ///   - expiresAt: the end of its life; nil: none.
    /// - Returns: the record, without the key itself.
    public func record(
        label: String, scopes: Set<APIScope>, createdAt: Instant, expiresAt: Instant? = nil
    ) -> APIKeyRecord {
        let hash = Self.hash(secret)
        // The id is made from the hash, so that it tells nothing about the key.
        return APIKeyRecord(
            id: "k_" + String(Hex.encode(hash).prefix(10)), label: label, hash: hash,
            scopes: Set(scopes.map(\.rawValue)), createdAt: createdAt, expiresAt: expiresAt)
    }

    static func hash(_ secret: String) -> [UInt8] { Digest.sha256(Array(secret.utf8)) }
}
