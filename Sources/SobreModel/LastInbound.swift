/// When an address last sent us a message. Kept for channels on which that opens a window for free texts
/// (``Channel/usesApprovedTemplates``).
public struct LastInbound: Hashable, Sendable {
    /// The address that sent it.
    public var address: KeyHash
    public var at: Instant

    public init(address: KeyHash, at: Instant) {
        self.address = address
        self.at = at
    }
}
