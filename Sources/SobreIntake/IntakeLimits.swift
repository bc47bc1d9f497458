/// The bounds of what one message, profile or batch may hold.
///
/// Lengths are in bytes of UTF-8. What goes beyond is refused with a problem that names the field and the bound.
public struct IntakeLimits: Sendable, Hashable {
    /// One message or profile as JSON. Default 1 MiB.
    public var maxLineBytes = 1 << 20
    /// The nesting of one message or profile. Default 32.
    public var maxDepth = 32
    /// A recipient's id. Default 200.
    public var maxIDBytes = 200
    /// A campaign, journey, category, topic, tag or template name. Default 100.
    public var maxNameBytes = 100
    /// An idempotency or dedup key. Default 200.
    public var maxKeyBytes = 200
    /// The tags of a message. Default 20.
    public var maxTags = 20
    /// A message's `data` or a profile's `attributes`, as JSON. Default 64 KiB.
    public var maxDataBytes = 64 << 10
    /// The addresses of a profile. Default 64.
    public var maxAddresses = 64
    /// The consents of a profile. Default 256.
    public var maxConsents = 256
    /// The aliases of a profile. Default 256.
    public var maxAliases = 256
    /// What shows how a consent or a suppression came about. Default 2,000.
    public var maxEvidenceBytes = 2_000
    /// The messages or profiles of one batch. Default 50,000.
    public var maxBatch = 50_000
    /// How many go into the store in one transaction. Default 500.
    public var chunk = 500

    /// Makes the default limits.
    public init() {}
}
