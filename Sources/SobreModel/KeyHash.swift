/// A stable 64-bit hash that stands for a short text, such as a campaign name, a tag, a dedup key or a recipient id.
///
/// The ledger stores key hashes, so that counting compares integers and reads no text. The hash is FNV-1a over the
/// UTF-8 bytes with MurmurHash3's 64-bit finaliser. It is stored, so it must never change. Two texts have the same hash
/// with a probability of 2⁻⁶⁴ per pair. A collision can only block a message, never let an extra one through.
public struct KeyHash: RawRepresentable, Hashable, Sendable, Comparable {
    public var rawValue: UInt64

    public init(rawValue: UInt64) { self.rawValue = rawValue }

    public init(_ text: String) {
        var hash = StableHash()
        hash.combine(text)
        self = hash.keyHash
    }

    /// The value for a missing text.
    public static let none = KeyHash(rawValue: 0)

    public static func < (a: KeyHash, b: KeyHash) -> Bool { a.rawValue < b.rawValue }

    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    /// Hashes the value in one step, like an integer. The synthesized function builds a hasher first, and each message
    /// is looked up dozens of times.
    public func _rawHashValue(seed: Int) -> Int { rawValue._rawHashValue(seed: seed) }

    /// The value as SQL stores it: the same bits as a signed integer.
    public var stored: Int64 { Int64(bitPattern: rawValue) }
    public init(stored: Int64) { self.init(rawValue: UInt64(bitPattern: stored)) }
}

/// Builds a ``KeyHash`` from several parts. The parts are separated, so that `("ab", "c")` and `("a", "bc")` differ.
public struct StableHash {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    public init() {}

    /// Adds a text.
    public mutating func combine(_ text: String) {
        // Reads the bytes in place, because a text's own iterator takes far longer.
        var copy = text
        copy.withUTF8 { bytes in
            for byte in bytes { mix(byte) }
        }
        mix(0xff)  // never part of UTF-8, so it ends the part
    }

    /// Adds bytes.
    public mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { mix(byte) }
        mix(0xff)
    }

    /// Adds a key hash. Its length is fixed, so it needs no separator.
    public mutating func combine(_ keyHash: KeyHash) {
        for shift in stride(from: 0, to: 64, by: 8) {
            mix(UInt8(truncatingIfNeeded: keyHash.rawValue >> UInt64(shift)))
        }
    }

    private mutating func mix(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    public var keyHash: KeyHash {
        var h = state
        h ^= h >> 33
        h = h &* 0xff51_afd7_ed55_8ccd
        h ^= h >> 33
        h = h &* 0xc4ce_b9fe_1a85_ec53
        h ^= h >> 33
        return KeyHash(rawValue: h == 0 ? 1 : h)  // 0 is `KeyHash.none`
    }
}

extension KeyHash {
    /// The hash of an activity. Its two highest bits are 0, so that a store has room for flags beside it.
    public init(activity id: String) { self.init(rawValue: max(1, KeyHash(id).rawValue & (1 << 62 - 1))) }
}
