import SobreModel

/// Makes message IDs that carry the bucket: 42 bits of milliseconds, 8 of a sequence, 9 of the bucket, 4 of the slot.
///
/// The IDs of one generator increase. Two nodes may make the same one, which the primary key refuses.
struct BucketIDGenerator: Sendable {
    /// The milliseconds and the sequence of the last ID.
    private var last: Int64 = 0

    mutating func next(at now: Instant, bucket: Int) -> MessageID {
        last = max(max(0, now.milliseconds) << 8, last + 1)
        return MessageID(rawValue: last << 13 | Int64(bucket) << 4)
    }
}
