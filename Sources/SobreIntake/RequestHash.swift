import JSON
import SobreModel

extension KeyHash {
    /// A hash of a request's content. It does not depend on the order of keys or on how numbers and strings are
    /// written. The keys `ignored` of the outermost object are excluded.
    static func request(_ ref: JSONRef, ignoring ignored: [String]) -> KeyHash {
        request(ref, ignoring: ignored, depth: 0)
    }

    /// The parser's depth limit bounds the recursion.
    private static func request(_ ref: JSONRef, ignoring ignored: [String], depth: Int) -> KeyHash {
        var hash = StableHash()
        switch ref.kind {
        case .null: hash.combine("null")
        case .bool: hash.combine(ref.bool == true ? "true" : "false")
        case .number:
            // 1, 1.0 and 1e0 are the same number. Integers beyond 2^53 are hashed exactly.
            if let int = ref.int, int.magnitude > 1 << 53 {
                hash.combine("int")
                hash.combine(KeyHash(stored: Int64(int)))
            } else {
                hash.combine("number")
                hash.combine(KeyHash(rawValue: (ref.double ?? 0).bitPattern))
            }
        case .string:
            hash.combine("string")
            _ = ref.withUTF8 { hash.combine($0) }
        case .array:
            hash.combine("array")
            for element in ref.elements { hash.combine(request(element, ignoring: ignored, depth: depth + 1)) }
        case .object:
            // A sum does not depend on the order of the members.
            var sum: UInt64 = 0
            for (key, value) in ref.members where depth > 0 || !ignored.contains(where: key.equals) {
                var member = StableHash()
                _ = key.withUTF8 { member.combine($0) }
                member.combine(request(value, ignoring: ignored, depth: depth + 1))
                sum = sum &+ member.keyHash.rawValue
            }
            hash.combine("object")
            hash.combine(KeyHash(rawValue: sum))
        }
        return hash.keyHash
    }
}
