public import SobreModel
public import SobreStore
import Signing
public import SobreWire
public import Text

/// A key with which a program calls the API. It is shown once, when it is created. The store keeps only its hash.
///
/// The key is `sobre_` and 64 hexadecimal digits (256 random bits). The prefix lets secret scanners find a leaked key.
public struct APIKey: Sendable, Redacted {
    /// The full key. It is never logged, and only the response that creates it contains it.
    public let secret: String

    /// Makes a new random key.
    public static func generate() -> APIKey { APIKey(secret: "sobre_" + Hex.encode(randomBytes(32))) }

    /// Makes the record that the store keeps: the hash and a short public id.
    ///
    /// - Parameters:
    ///   - label: what the key is for, in the owner's words.
    ///   - scopes: the scopes that the key grants.
    ///   - createdAt: the current time.
    ///   - expiresAt: when the key expires; nil if never.
    /// - Returns: the record, without the key itself.
    public func record(
        label: String, scopes: Set<APIScope>, createdAt: Instant, expiresAt: Instant? = nil
    ) -> APIKeyRecord {
        let hash = Self.hash(secret)
        // The id is derived from the hash, so it reveals nothing of the key.
        return APIKeyRecord(
            id: "k_" + String(Hex.encode(hash).prefix(10)), label: label, hash: hash,
            scopes: Set(scopes.map(\.rawValue)), createdAt: createdAt, expiresAt: expiresAt)
    }

    static func hash(_ secret: String) -> [UInt8] { Digest.sha256(Array(secret.utf8)) }
}
