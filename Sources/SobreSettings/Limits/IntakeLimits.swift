/// The limits of messages, profiles and batches. Section `intake` of the settings.
///
/// Lengths are in bytes of UTF-8. Whatever exceeds a limit is rejected with a problem that names the field and the
/// limit.
public struct IntakeLimits: Sendable, Hashable {
    /// The size of one message or profile as JSON.
    public var maxLineBytes = 16 << 20
    /// The nesting depth of one message or profile.
    public var maxDepth = 32
    /// The length of a recipient's id.
    public var maxIDBytes = 200
    /// The length of a campaign, journey, category, topic, tag or template name.
    public var maxNameBytes = 100
    /// The length of an idempotency or dedup key.
    public var maxKeyBytes = 200
    /// The number of tags of a message.
    public var maxTags = 20
    /// The size of a message's `data` or a profile's `attributes`, as JSON.
    public var maxDataBytes = 64 << 10
    /// The number of addresses of a profile.
    public var maxAddresses = 64
    /// The number of consents of a profile.
    public var maxConsents = 256
    /// The number of aliases of a profile.
    public var maxAliases = 256
    /// The length of the evidence of a consent or suppression.
    public var maxEvidenceBytes = 2_000
    /// The number of entries of a batch.
    public var maxBatch = 50_000
    /// The number of entries stored in one transaction.
    public var chunk = 500
    /// The limits of a message's files. They have a section of their own, because they hold for templates too.
    public var attachments = AttachmentLimits()
    /// The number of messages that a retry or a cancellation by filter changes in one transaction.
    public var maxStateChanges = 200
    /// The number of rejected records of all sources that are kept. The oldest are dropped.
    public var maxRejects = 10_000
    /// The size up to which a rejected record is kept. Of a longer one the beginning is.
    public var maxRejectBytes = 16 << 10
    /// How long a rejected record is kept.
    public var keepRejects = Duration.seconds(30 * 86_400)

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .bytes("max_message", \.maxLineBytes, 1 << 10...(128 << 20)), .count("max_depth", \.maxDepth, 4...512),
        .count("max_id", \.maxIDBytes, 16...4_096), .count("max_name", \.maxNameBytes, 16...4_096),
        .count("max_key", \.maxKeyBytes, 16...4_096), .count("max_tags", \.maxTags, 0...1_000),
        .bytes("max_data", \.maxDataBytes, 0...(16 << 20)), .count("max_addresses", \.maxAddresses, 1...10_000),
        .count("max_consents", \.maxConsents, 1...100_000), .count("max_aliases", \.maxAliases, 1...100_000),
        .count("max_evidence", \.maxEvidenceBytes, 0...65_536), .count("max_batch", \.maxBatch, 1...10_000_000),
        .count("chunk", \.chunk, 1...10_000), .count("max_state_changes", \.maxStateChanges, 1...10_000),
        .count("max_rejects", \.maxRejects, 0...1_000_000), .bytes("max_reject", \.maxRejectBytes, 0...(1 << 20)),
        .duration("keep_rejects", \.keepRejects, .seconds(60)...(.seconds(3_650 * 86_400))),
    ]
}
