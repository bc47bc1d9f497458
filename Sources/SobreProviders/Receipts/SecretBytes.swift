internal import Signing
internal import Text

/// A secret that is only compared.
struct SecretBytes: Sendable, Redacted {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Compares in a time that does not depend on where the texts differ.
    func equals(_ given: [UInt8]) -> Bool { constantTimeEquals(bytes, given) }
}
