public import SobreModel

/// The columns of a contact's traits that hold more than one value.
public enum TraitColumns {
    /// The column `counts`: whether it counts, whether it is a test, and above these two bits the activity. Most contacts
    /// belong to none, and take one byte.
    ///
    /// - Parameter traits: what is known of a contact.
    /// - Returns: the column's number.
    public static func counts(_ traits: ContactTraits) -> Int64 {
        let flags: UInt64 = (traits.countsTowardCaps ? 1 : 0) | (traits.isTest ? 2 : 0)
        return Int64(bitPattern: traits.activity.rawValue << 2 | flags)
    }

    /// - Parameter counts: the number in the column `counts`.
    /// - Returns: the activity.
    public static func activity(_ counts: Int64) -> KeyHash { KeyHash(rawValue: UInt64(bitPattern: counts) >> 2) }

    /// Eight bytes per key hash, little-endian.
    ///
    /// - Parameter keyHashes: tags.
    /// - Returns: the column's bytes.
    public static func bytes(_ keyHashes: [KeyHash]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keyHashes.count * 8)
        for keyHash in keyHashes {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: keyHash.rawValue >> shift))
            }
        }
        return bytes
    }

    /// - Parameter bytes: the column's bytes.
    /// - Returns: the tags.
    public static func keyHashes(_ bytes: [UInt8]) -> [KeyHash] {
        stride(from: 0, to: bytes.count - 7, by: 8).map { start in
            var value: UInt64 = 0
            for index in (0..<8).reversed() { value = value << 8 | UInt64(bytes[start + index]) }
            return KeyHash(rawValue: value)
        }
    }
}
