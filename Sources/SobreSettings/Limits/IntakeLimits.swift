/// The bounds of what one message, profile or batch may hold. The section `intake` of the settings.
///
/// Lengths are in bytes of UTF-8. What goes beyond is refused with a problem that names the field and the bound.
public struct IntakeLimits: Sendable, Hashable {
    /// One message or profile as JSON.
    public var maxLineBytes = 1 << 20
    /// The nesting of one message or profile.
    public var maxDepth = 32
    /// A recipient's id.
    public var maxIDBytes = 200
    /// A campaign, journey, category, topic, tag or template name.
    public var maxNameBytes = 100
    /// An idempotency or dedup key.
    public var maxKeyBytes = 200
    /// The tags of a message.
    public var maxTags = 20
    /// A message's `data` or a profile's `attributes`, as JSON.
    public var maxDataBytes = 64 << 10
    /// The addresses of a profile.
    public var maxAddresses = 64
    /// The consents of a profile.
    public var maxConsents = 256
    /// The aliases of a profile.
    public var maxAliases = 256
    /// What shows how a consent or a suppression came about.
    public var maxEvidenceBytes = 2_000
    /// The messages or profiles of one batch.
    public var maxBatch = 50_000
    /// How many go into the store in one transaction.
    public var chunk = 500

    /// Makes the default limits.
    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .bytes("max_message", \.maxLineBytes, 1 << 10...(16 << 20)), .count("max_depth", \.maxDepth, 4...512),
        .count("max_id", \.maxIDBytes, 16...4_096), .count("max_name", \.maxNameBytes, 16...4_096),
        .count("max_key", \.maxKeyBytes, 16...4_096), .count("max_tags", \.maxTags, 0...1_000),
        .bytes("max_data", \.maxDataBytes, 0...(16 << 20)), .count("max_addresses", \.maxAddresses, 1...10_000),
        .count("max_consents", \.maxConsents, 1...100_000), .count("max_aliases", \.maxAliases, 1...100_000),
        .count("max_evidence", \.maxEvidenceBytes, 0...65_536), .count("max_batch", \.maxBatch, 1...10_000_000),
        .count("chunk", \.chunk, 1...10_000),
    ]
}
