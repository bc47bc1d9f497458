import SobreModel

/// Hashes tags and all their ancestors without copying their texts.
enum TagHashes {
    /// Sorted and without duplicates. Equal to `ContactTraits.tagHashes(_:)`.
    static func of(_ tags: [String]) -> [KeyHash] {
        if tags.isEmpty { return [] }
        var keyHashes: [KeyHash] = []
        keyHashes.reserveCapacity(tags.count * 2)
        for tag in tags {
            let bytes = tag.utf8
            var place = bytes.startIndex
            while place != bytes.endIndex {
                if bytes[place] == UInt8(ascii: "/") { add(keyHash(bytes[..<place]), to: &keyHashes) }
                bytes.formIndex(after: &place)
            }
            add(KeyHash(tag), to: &keyHashes)
        }
        keyHashes.sort()
        return keyHashes
    }

    private static func keyHash(_ bytes: Substring.UTF8View) -> KeyHash {
        var hash = StableHash()
        hash.combine(bytes)
        return hash.keyHash
    }

    private static func add(_ keyHash: KeyHash, to keyHashes: inout [KeyHash]) {
        if !keyHashes.contains(keyHash) { keyHashes.append(keyHash) }
    }
}
