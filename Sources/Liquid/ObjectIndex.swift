/// Finds a member by name. Scans the keys of a small object; a large one is preceded by a hash table.
enum ObjectIndex {
    /// Objects with more members have a table.
    static let threshold = 32
    /// Value flag: a table of 2^`aux` slots is directly before the members.
    static let indexed: UInt8 = 2

    /// Differs between processes, so that no one can choose colliding keys.
    private static let seed = UInt64.random(in: .min ... .max) | 1

    private static func hash(_ text: ByteSlice) -> Int {
        var hash = seed
        for at in 0..<text.count { hash = (hash ^ UInt64(text[at])) &* 0x9FB2_1C65_1E98_DF25 }
        hash ^= hash >> 32
        return Int(truncatingIfNeeded: hash &* seed >> 16)
    }

    /// Copies `count` members after a table. A duplicate name keeps the last value, at the position of the first.
    static func build(_ place: UnsafeMutableRawPointer, _ count: Int, _ arena: inout Arena) -> Value? {
        let from = place.assumingMemoryBound(to: Member.self)
        var bits = 6
        while 1 << bits < count * 2 { bits += 1 }
        let slots = 1 << bits
        let tableSize = (slots * 4 + 15) & ~15
        guard let memory = arena.allocate(tableSize + count * MemoryLayout<Member>.stride) else { return nil }
        let table = memory.initializeMemory(as: UInt32.self, repeating: 0, count: tableSize / 4)
        let members = (memory + tableSize).bindMemory(to: Member.self, capacity: count)
        var kept = 0
        for index in 0..<count {
            let member = from[index]
            var slot = hash(member.key.text) & (slots - 1)
            var known = -1
            while table[slot] != 0 {
                let other = Int(table[slot]) - 1
                if members[other].key.text.equals(member.key.text) {
                    known = other
                    break
                }
                slot = (slot + 1) & (slots - 1)
            }
            if known >= 0 {
                members[known].value = member.value
            } else {
                (members + kept).initialize(to: member)
                kept += 1
                table[slot] = UInt32(kept)
            }
        }
        return Value(
            tag: .object, bits: UInt64(UInt(bitPattern: members)), count: kept, flags: indexed,
            aux: UInt16(bits << 8 | tableSize / 4 - slots))
    }

    /// The member's index, or -1.
    static func find(_ object: Value, _ text: ByteSlice) -> Int {
        let slots = 1 << Int(object.aux >> 8)
        let tableSize = (slots * 4 + 15) & ~15
        let members = object.members
        guard let base = members.baseAddress else { return -1 }
        let table = (UnsafeRawPointer(base) - tableSize).assumingMemoryBound(to: UInt32.self)
        var slot = hash(text) & (slots - 1)
        while table[slot] != 0 {
            let index = Int(table[slot]) - 1
            if members[index].key.text.equals(text) { return index }
            slot = (slot + 1) & (slots - 1)
        }
        return -1
    }
}
