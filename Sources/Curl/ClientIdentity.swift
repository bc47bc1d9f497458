public import Text

/// A client certificate with its private key, in memory. ``TLSOptions`` names files instead.
public struct ClientIdentity: Sendable, Hashable, Redacted {
    /// PEM, with the intermediate certificates after it.
    public var certificate: [UInt8]
    /// PEM, unencrypted.
    public var key: [UInt8]

    public init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}
